import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { callChecks, type CallName } from '../../shared/contract';
import { Fault } from '../../shared/fault';
import { connect, serve, type Handlers, type Wire } from '../../shared/rpc';

/** Two ends of a wire in memory; frames are cloned as a process boundary would. */
function wirePair(): { client: Wire; server: Wire; close(reason: string): void } {
  const listeners: [((frame: unknown) => void)[], ((frame: unknown) => void)[]] = [[], []];
  const closers: ((reason: string) => void)[] = [];
  const end = (mine: 0 | 1): Wire => ({
    send: (frame) => {
      const copy: unknown = structuredClone(frame);
      queueMicrotask(() => listeners[1 - mine].forEach((listener) => listener(copy)));
    },
    onFrame: (listener) => void listeners[mine].push(listener),
    onClose: (listener) => void closers.push(listener),
  });
  return { client: end(0), server: end(1), close: (reason) => closers.forEach((c) => c(reason)) };
}

const handlers = {
  'job/list': async () => [],
  'job/pause': async () => {
    throw new Fault('not-found', "unknown job 'x'");
  },
  'job/cancel': () => new Promise(() => undefined),
} as unknown as Handlers<CallName>;

test('a result comes back, a fault keeps its code and its sentence', async () => {
  const { client, server } = wirePair();
  serve(server, callChecks, handlers);
  const { call } = connect(client);
  expect(await call('job/list', {})).toEqual([]);
  await expect(call('job/pause', { job: 'x' })).rejects.toMatchObject({
    code: 'not-found',
    message: "unknown job 'x'",
  });
});

test('events keep typed arrays, NaN and infinity', async () => {
  const { client, server } = wirePair();
  const tell = serve(server, callChecks, handlers);
  const { on } = connect(client);
  const seen = new Promise((resolve) => on('study/event', resolve));
  const cells = [{ cell: 1, loss: NaN, accuracy: Infinity, standardError: -0 }];
  tell('study/event', { job: 'j', folder: 'f', event: { kind: 'cells', surface: 's', cells } });
  expect(await seen).toEqual({
    job: 'j',
    folder: 'f',
    event: { kind: 'cells', surface: 's', cells },
  });
});

test('when the other side dies, open and later calls reject with engine-gone', async () => {
  const { client, server, close } = wirePair();
  serve(server, callChecks, handlers);
  const { call, closed } = connect(client);
  const open = call('job/cancel', { job: 'x' });
  close('the engine ended (SIGKILL)');
  await expect(open).rejects.toMatchObject({ code: 'engine-gone' });
  await expect(call('job/list', {})).rejects.toMatchObject({ code: 'engine-gone' });
  expect(await closed).toMatch(/SIGKILL/);
});

describe('hostile frames', () => {
  test('never reach a handler with what its check refuses, and never break the wire', async () => {
    const { client, server } = wirePair();
    let reached = 0;
    const counting = Object.fromEntries(
      Object.keys(callChecks).map((name) => [name, async () => void reached++]),
    ) as unknown as Handlers<CallName>;
    serve(server, callChecks, counting);
    const { call } = connect(client);
    const names = Object.keys(callChecks).filter(
      (name) => !['engine/info', 'job/list'].includes(name),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), fc.anything(), async (name, args) => {
        const before = reached;
        const outcome = await call(name as CallName, args as never).catch(
          (error: Fault) => error.code,
        );
        // Whatever gets through has passed the schema; nothing else may have moved.
        expect(reached - before).toBe(outcome === 'bad-value' ? 0 : 1);
      }),
      { numRuns: 1000 },
    );
    for (const frame of [
      null,
      7,
      'x',
      [],
      { kind: 'call' },
      { kind: 'event' },
      { kind: '__proto__' },
    ]) {
      client.send(frame);
    }
    await expect(call('toString' as never, {} as never)).rejects.toMatchObject({
      code: 'bad-value',
    });
  });
});
