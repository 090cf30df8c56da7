/** One contract over every wire: what holds on one holds on all. */

import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { callChecks, hostChecks, type AllCalls } from '../../shared/contract';
import { decodeFrame, encodeFrame, MOST_SENT } from '../../shared/codec';
import { Fault } from '../../shared/fault';
import { fairCost } from '../../shared/frame';
import { connect, serve, type Handlers } from '../../shared/rpc';
import { wires, type Pair } from './wires';

const checks = { ...callChecks, ...hostChecks };
type Name = keyof AllCalls;
const names = Object.keys(checks) as Name[];

const open: Pair[] = [];
afterEach(() => Promise.all(open.splice(0).map((pair) => pair.cut())));

/** A pair whose server answers every call with what `answer` gives. */
async function start(build: () => Promise<Pair>, answer: (name: Name, args: unknown) => unknown) {
  const pair = await build();
  open.push(pair);
  const handlers = Object.fromEntries(
    names.map((name) => [name, async (args: unknown) => answer(name, args)]),
  ) as unknown as Handlers<Name>;
  const tell = serve(pair.server, checks, handlers, (_name, args) => args as never);
  return { pair, tell, client: connect(pair.client) };
}

describe.each(wires)('over %s', (wire, build) => {
  test('values cross as they are: typed arrays, NaN, infinities, −0, nothing left out', async () => {
    const value = {
      floats: new Float32Array([1.5, NaN, -Infinity]),
      doubles: new Float64Array([Math.PI, -0]),
      counts: new Uint32Array([0, 2 ** 32 - 1]),
      labels: new Int32Array([-1, 7]),
      bytes: new Uint8Array([0, 255]),
      numbers: [NaN, Infinity, -Infinity, -0, 2 ** 53, 0.1],
      nothing: null,
      text: 'λ ‖θ‖ – 😀',
      deep: { list: [{ a: [true, false] }] },
    };
    const { client } = await start(build, () => value);
    const got = (await client.call('study/presets', {})) as unknown as typeof value;
    expect(got).toEqual(value);
    expect(Object.is(got.numbers[3], -0)).toBe(true);
    expect(Object.is(got.doubles[1], -0)).toBe(true);
    for (const key of ['floats', 'doubles', 'counts', 'labels', 'bytes'] as const) {
      expect(Object.prototype.toString.call(got[key])).toBe(
        Object.prototype.toString.call(value[key]),
      );
    }
  });

  test('a megabyte crosses, and calls are answered each with its own result', async () => {
    const big = Float64Array.from({ length: 131_072 }, (_, i) => Math.sin(i));
    const { client } = await start(build, (name, args) =>
      name === 'job/pause' ? (args as { job: string }).job : big,
    );
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) => client.call('job/pause', { job: String(i) })),
    );
    expect(answers).toEqual(Array.from({ length: 50 }, (_, i) => String(i)));
    expect(await client.call('job/list', {})).toEqual(big);
  });

  test('a fault keeps its code and its sentence, and an accident becomes one', async () => {
    const { client } = await start(build, (name) => {
      if (name === 'job/pause') throw new Fault('not-found', "unknown job 'x'");
      throw new TypeError('a mistake of ours');
    });
    await expect(client.call('job/pause', { job: 'x' })).rejects.toMatchObject({
      code: 'not-found',
      message: "unknown job 'x'",
    });
    await expect(client.call('job/list', {})).rejects.toMatchObject({ code: 'internal' });
  });

  test('events arrive in their order, at whoever listens, until they stop listening', async () => {
    const { client, tell } = await start(build, () => null);
    const seen: number[] = [];
    const stop = client.on('host/behind', ({ frames }) => seen.push(frames));
    for (let frames = 0; frames < 100; frames++) tell('host/behind', { frames });
    await client.call('job/list', {});
    expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => i));
    stop();
    tell('host/behind', { frames: 7 });
    await client.call('job/list', {});
    expect(seen).toHaveLength(100);
  });

  test('when it is cut, open and later calls reject and the end is told', async () => {
    let arrive: () => void;
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    const { client, pair } = await start(build, () => {
      arrive();
      return new Promise(() => undefined);
    });
    const call = client.call('job/list', {});
    call.catch(() => undefined);
    await arrived;
    await pair.cut();
    await expect(call).rejects.toMatchObject({ code: 'engine-gone' });
    await expect(client.call('job/list', {})).rejects.toMatchObject({ code: 'engine-gone' });
    await client.closed;
  });

  test('an answer that cannot be sent is a fault, and the next is sent', async () => {
    let deep: unknown = null;
    for (let i = 0; i < 1000; i++) deep = [deep];
    // What each wire cannot carry: nesting without end, or a function.
    const { client } = await start(build, (name) => (name === 'job/list' ? [deep, () => 1] : 'x'));
    await expect(client.call('job/list', {})).rejects.toMatchObject({ code: 'internal' });
    expect(await client.call('study/presets', {})).toBe('x');
  });

  test('frames that are none are passed over', async () => {
    const { client, pair } = await start(build, () => 'still here');
    for (const frame of [
      null,
      7,
      'x',
      [],
      {},
      { kind: 'call' },
      { kind: 'call', id: 'x', name: 1 },
    ]) {
      pair.client.send(frame);
      pair.server.send(frame);
    }
    expect(await client.call('job/list', {})).toBe('still here');
    await expect(client.call('constructor' as never, {} as never)).rejects.toThrow(/unknown call/);
  });

  // The check is one for all wires; over the slower ones fewer have to cross.
  const payloads = wire === 'memory' ? 1000 : 250;
  test(`every call has a check that ${payloads} payloads do not get past, or pass soundly`, async () => {
    let reached: { name: Name; args: unknown } | null = null;
    const { client } = await start(build, (name, args) => ((reached = { name, args }), null));
    // What every wire carries; a frame with a key named __proto__ is refused whole, see below.
    const key = fc.string().filter((text) => text !== '__proto__');
    const payload = fc.anything({ key, maxDepth: 3 });
    for (const name of names) {
      await fc.assert(
        fc.asyncProperty(payload, async (args) => {
          reached = null;
          const outcome = await client.call(name, args as never).then(
            () => 'passed',
            (error: Fault) => error.code,
          );
          expect(outcome).toBe(reached === null ? 'bad-value' : 'passed');
        }),
        { numRuns: payloads },
      );
    }
  });
});

test('one client has so many calls open at a time, and is told so', async () => {
  const [, build] = wires[0];
  const pair = await build();
  open.push(pair);
  const held: (() => void)[] = [];
  const guard = (_name: 'job/list', args: unknown) => args as never;
  const handlers = { 'job/list': () => new Promise((done) => held.push(() => done([]))) };
  serve(pair.server, { 'job/list': checks['job/list'] }, handlers as never, guard, 2);
  const client = connect(pair.client);
  const first = [client.call('job/list', {}), client.call('job/list', {})];
  await expect(client.call('job/list', {})).rejects.toThrow(/2 calls are open already/);
  for (const answer of held.splice(0)) answer();
  expect(await Promise.all(first)).toEqual([[], []]);
  const next = client.call('job/list', {});
  await expect.poll(() => held.length).toBe(1);
  held[0]();
  expect(await next).toEqual([]);
});

describe('the codec', () => {
  test('bytes that are no frame are an error, never a crash', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeFrame(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
      { numRuns: 5000 },
    );
  });

  test('a frame cut anywhere is refused', () => {
    const whole = encodeFrame({ kind: 'event', name: 'x', data: new Float64Array(20) });
    for (let length = 0; length < whole.length; length++) {
      expect(() => decodeFrame(whole.subarray(0, length))).toThrow();
    }
  });

  test('a key named __proto__ changes no prototype', () => {
    // A map of one entry: fixstr "__proto__" with a map inside.
    const text = new TextEncoder().encode('__proto__');
    const bytes = Uint8Array.from([0x81, 0xa0 | text.length, ...text, 0x81, 0xa1, 0x78, 0xc3]);
    expect(() => decodeFrame(bytes)).toThrow();
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  test('whatever is sent soundly takes no more memory than is fair for its length', () => {
    const key = fc.string().filter((text) => text !== '__proto__' && !/^\d{3,}$/.test(text));
    fc.assert(
      fc.property(fc.anything({ key, maxDepth: 5, withTypedArray: true }), (value) => {
        const bytes = encodeFrame(value);
        expect(() => decodeFrame(bytes, fairCost(bytes.length))).not.toThrow();
      }),
      { numRuns: 2000 },
    );
    // The largest figure that is drawn: four surfaces of 401², each number in nine bytes.
    const row = Array.from({ length: 401 }, (_, i) => Math.sin(i));
    const surface = Array.from({ length: 401 }, () => row);
    const frame = encodeFrame({ data: Array.from({ length: 4 }, () => ({ z: surface })) });
    expect(frame.length).toBeLessThan(MOST_SENT);
    expect(() => decodeFrame(frame, fairCost(frame.length))).not.toThrow();
  });

  test.each([
    ['an array of more values than there are bytes', [0xdc, 0, 3, 0xc0, 0xc0]],
    ['arrays that share too few', [0x92, 0x92, 0xc0, 0xc0]],
    ['a map of more entries than there are bytes', [0xde, 0, 2, 0xa1, 0x61, 0xc0, 0xa1]],
    ['text that is cut off', [0xd9, 5, 0x61]],
    ['a key that is a number', [0x81, 0x07, 0xc0]],
    ['a key that is an array', [0x81, 0x90, 0xc0]],
    ['two values', [0xc0, 0xc0]],
  ])('%s is refused', (_name, bytes) => {
    expect(() => decodeFrame(Uint8Array.from(bytes))).toThrow();
  });

  test('nothing is decoded of a frame that would take far more memory than it has bytes', () => {
    const empty = [0xdd, 0, 0x0f, 0x42, 0x40, ...new Array<number>(1_000_000).fill(0x80)];
    const frame = Uint8Array.from(empty);
    expect(() => decodeFrame(frame, fairCost(frame.length))).toThrow(/far more memory/);
    // An index makes room up to it: 7 bytes for 12 kB.
    const sparse = [0x81, 0xa4, 0x31, 0x30, 0x32, 0x33, 0xc0];
    const many = Uint8Array.from([
      0xdc,
      0,
      100,
      ...Array.from({ length: 100 }, () => sparse).flat(),
    ]);
    expect(() => decodeFrame(many, fairCost(many.length))).toThrow(/far more memory/);
    const one = Uint8Array.from(sparse);
    expect(decodeFrame(one, fairCost(one.length))).toEqual({ 1023: null });
  });

  test('nesting without end is refused on both sides', () => {
    let deep: unknown = null;
    for (let i = 0; i < 1000; i++) deep = [deep];
    expect(() => encodeFrame(deep)).toThrow();
    expect(() => decodeFrame(new Uint8Array(1000).fill(0x91))).toThrow(/nested too deep/);
  });
});
