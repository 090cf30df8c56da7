/**
 * Calls, results and events over any wire. Knows frames; knows neither processes nor what is asked.
 */

import { callChecks, type CallName, type Calls, type EventName, type Events } from './contract';
import { Fault, toFault, type FaultCode } from './fault';
import { check } from './spec/check';

/** What all hosts' connections have in common. */
export interface Wire {
  send(frame: unknown): void;
  onFrame(listener: (frame: unknown) => void): void;
  onClose(listener: (reason: string) => void): void;
}

type Frame =
  | { kind: 'call'; id: number; name: CallName; args: unknown }
  | { kind: 'result'; id: number; value: unknown }
  | { kind: 'fault'; id: number; code: FaultCode; message: string }
  | { kind: 'event'; name: EventName; data: unknown };

/** A frame from the other side, or null when it is none: this is where data enters. */
function asFrame(frame: unknown): Frame | null {
  const known = ['call', 'result', 'fault', 'event'];
  if (typeof frame !== 'object' || frame === null || !('kind' in frame)) return null;
  return known.includes(String(frame.kind)) ? (frame as Frame) : null;
}

export type Handlers = {
  [Name in CallName]: (args: Calls[Name]['args']) => Promise<Calls[Name]['result']>;
};

/**
 * Answers calls that come over `wire`. Returns the function that sends an event to the other side.
 */
export function serve(wire: Wire, handlers: Handlers) {
  wire.onFrame((raw) => {
    const frame = asFrame(raw);
    if (frame?.kind !== 'call') return;
    void answer(frame.name, frame.args, handlers).then(
      (value) => wire.send({ kind: 'result', id: frame.id, value }),
      (error: unknown) => {
        const { code, message } = toFault(error);
        wire.send({ kind: 'fault', id: frame.id, code, message });
      },
    );
  });
  return <Name extends EventName>(name: Name, data: Events[Name]): void =>
    wire.send({ kind: 'event', name, data });
}

async function answer(name: CallName, args: unknown, handlers: Handlers): Promise<unknown> {
  if (!Object.hasOwn(callChecks, name)) {
    throw new Fault('bad-value', `unknown call '${String(name)}'`);
  }
  const checked = check(callChecks[name], args, name);
  return (handlers[name] as (checked: unknown) => Promise<unknown>)(checked);
}

export interface Client {
  call<Name extends CallName>(
    name: Name,
    args: Calls[Name]['args'],
  ): Promise<Calls[Name]['result']>;
  /** Listens until the returned function is called. */
  on<Name extends EventName>(name: Name, listener: (data: Events[Name]) => void): () => void;
  /** Resolves with the reason when the other side is gone. */
  readonly closed: Promise<string>;
}

/** The client's end of `wire`. When it closes, open calls reject with 'engine-gone'. */
export function connect(wire: Wire): Client {
  const open = new Map<number, { resolve(value: unknown): void; reject(error: Fault): void }>();
  const listeners = new Map<string, Set<(data: never) => void>>();
  let next = 0;
  let gone: Fault | null = null;

  wire.onFrame((raw) => {
    const frame = asFrame(raw);
    if (frame === null || frame.kind === 'call') return;
    if (frame.kind === 'event') {
      for (const listener of listeners.get(frame.name) ?? []) listener(frame.data as never);
      return;
    }
    const call = open.get(frame.id);
    open.delete(frame.id);
    if (frame.kind === 'result') call?.resolve(frame.value);
    else call?.reject(new Fault(frame.code, frame.message));
  });
  const closed = new Promise<string>((resolve) => {
    wire.onClose((reason) => {
      gone = new Fault('engine-gone', reason);
      for (const call of open.values()) call.reject(gone);
      open.clear();
      resolve(reason);
    });
  });

  return {
    closed,
    call(name, args) {
      if (gone !== null) return Promise.reject(gone);
      const id = next++;
      return new Promise((resolve, reject) => {
        open.set(id, { resolve: (value) => resolve(value as never), reject });
        wire.send({ kind: 'call', id, name, args });
      });
    },
    on(name, listener) {
      const all = listeners.get(name) ?? new Set();
      listeners.set(name, all.add(listener));
      return () => void all.delete(listener);
    },
  };
}
