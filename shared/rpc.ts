/**
 * Calls, results and events over any wire. Knows frames; knows neither processes nor what is asked.
 */

import * as v from 'valibot';
import type { AllCalls, AllEvents } from './contract';
import { Fault, toFault, type FaultCode } from './fault';
import { check } from './spec/check';
import type { Asked, Guarded } from './spec/place';

/** What all hosts' connections have in common. */
export interface Wire {
  send(frame: unknown): void;
  onFrame(listener: (frame: unknown) => void): void;
  onClose(listener: (reason: string) => void): void;
  /** True while the other side reads too slowly; events are then better left out. */
  congested?(): boolean;
}

type Name = keyof AllCalls;

type Frame =
  | { kind: 'call'; id: number; name: string; args: unknown }
  | { kind: 'result'; id: number; value: unknown }
  | { kind: 'fault'; id: number; code: FaultCode; message: string }
  | { kind: 'event'; name: string; data: unknown };

const id = v.number();
const name = v.string();
/** Wires leave out what is undefined. */
const anything = v.optional(v.unknown());
const FrameSchema = v.variant('kind', [
  v.object({ kind: v.literal('call'), id, name, args: anything }),
  v.object({ kind: v.literal('result'), id, value: anything }),
  v.object({ kind: v.literal('fault'), id, code: v.string(), message: v.string() }),
  v.object({ kind: v.literal('event'), name, data: anything }),
]);

/** A frame from the other side, or null when it is none: this is where data enters. */
function asFrame(frame: unknown): Frame | null {
  const parsed = v.safeParse(FrameSchema, frame);
  return parsed.success ? (parsed.output as Frame) : null;
}

/** One function per call of `Names`; the places that it is given were looked at. */
export type Handlers<Names extends Name> = {
  [N in Names]: (args: Guarded<AllCalls[N]['args']>) => Promise<AllCalls[N]['result']>;
};

/** Looks where the places of a checked call lead. @throws Fault where one may not be used */
export type Guard<Names extends Name> = (
  name: Names,
  args: AllCalls[Names]['args'],
) => Guarded<AllCalls[Names]['args']>;

/** The run-time checks of the calls that are served; a call without one does not compile. */
export type Checks<Names extends Name> = {
  readonly [N in Names]: v.GenericSchema<unknown, unknown>;
};

/**
 * Answers calls that come over `wire`, past `guard`. Returns the function that sends an event to
 * the other side.
 */
export function serve<Names extends Name, Told extends keyof AllEvents = keyof AllEvents>(
  wire: Wire,
  checks: Checks<Names>,
  handlers: Handlers<Names>,
  guard: Guard<Names>,
) {
  const answer = async (name: string, args: unknown): Promise<unknown> => {
    if (!Object.hasOwn(checks, name)) throw new Fault('bad-value', `unknown call '${name}'`);
    const known = name as Names;
    const checked = check(checks[known], args, name) as AllCalls[Names]['args'];
    return (handlers[known] as (args: unknown) => Promise<unknown>)(guard(known, checked));
  };
  wire.onFrame((raw) => {
    const frame = asFrame(raw);
    if (frame?.kind !== 'call') return;
    void answer(frame.name, frame.args).then(
      (value) => wire.send({ kind: 'result', id: frame.id, value }),
      (error: unknown) => {
        const { code, message } = toFault(error);
        wire.send({ kind: 'fault', id: frame.id, code, message });
      },
    );
  });
  return <N extends Told>(name: N, data: AllEvents[N]): void =>
    wire.send({ kind: 'event', name, data });
}

export interface Client {
  call<N extends Name>(name: N, args: Asked<AllCalls[N]['args']>): Promise<AllCalls[N]['result']>;
  /** Listens until the returned function is called. */
  on<N extends keyof AllEvents>(name: N, listener: (data: AllEvents[N]) => void): () => void;
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
