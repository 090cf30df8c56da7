/**
 * Kills studies at random states, fills their disk, and takes them up again, until it can be said
 * how often something was lost. Run by hand:
 *
 *   node build.mjs && npx esbuild test/campaign/kills.ts --bundle --platform=node --format=esm \
 *     --packages=external --outfile=dist/kills.js && node dist/kills.js [kills] [full disks] [seed]
 *
 * Prints a table of what was tried and what failed; exits with 1 when anything did. Ctrl-C ends it
 * after the study in hand.
 */

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stream } from '../../main/engine/backend/random';
import { parseOwn } from '../../main/engine/files';
import { readLock } from '../../main/engine/lock-file';
import { identify, standingOf, type Identity } from '../../main/native/liveness';
import { differences, SMALL_STUDY } from '../support/small-study';

const [kills, disks, seed] = [60, 8, 1].map((usual, i) => Number(process.argv[2 + i] ?? usual));
const { below } = stream(seed, 'kills');

const scratch = mkdtempSync(join(tmpdir(), 'isocurve-kills-'));
const cli = join(process.cwd(), 'dist', 'cli.js');
const file = join(scratch, 'study.json');
writeFileSync(file, JSON.stringify(SMALL_STUDY));

let stops = false;
process.once('SIGINT', () => (stops = true));

interface Tally {
  tried: number;
  failed: number;
}
const table = new Map<string, Tally>();

/** Notes one try of `what`; says at once what failed. */
function note(what: string, failure: string | null): void {
  const tally = table.get(what) ?? { tried: 0, failed: 0 };
  tally.tried++;
  if (failure !== null) tally.failed++;
  table.set(what, tally);
  if (failure !== null) console.log(`FAILED: ${what}: ${failure}`);
}

/** A command of the product in a process group of its own, with what it says. */
function isocurve(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [cli, ...args], {
    detached: true,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { text: '' };
  for (const output of [child.stdout, child.stderr]) {
    output.on('data', (chunk: Buffer) => (said.text += chunk.toString()));
  }
  const ended = new Promise<number | null>((done) => child.once('close', done));
  return { child, said, ended };
}

const run = (folder: string) => isocurve(['compare', file, '--out', folder, '--no-figures']);

const namesIn = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder, { recursive: true }).map(String) : [];

const resultsOf = (folder: string): unknown =>
  parseOwn(readFileSync(join(folder, 'results.json'), 'utf8'));

/** What tells of time, which is another in every sitting. */
const TIMES = ['seconds', 'stepsPerSecond'];

/** Where two results differ, as paths into them. */
function unequal(a: unknown, b: unknown, path = ''): string[] {
  if (Object.is(a, b)) return [];
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return [path];
  const [left, right] = [new Map(Object.entries(a)), new Map(Object.entries(b))];
  return [...new Set([...left.keys(), ...right.keys()])]
    .filter((key) => !TIMES.includes(key))
    .flatMap((key) => unequal(left.get(key), right.get(key), `${path}/${key}`));
}

const KINDS = ['the whole group', 'the engine', 'the command line'] as const;

/** Kills one process, or all, of a run. */
function kill(kind: (typeof KINDS)[number], child: ChildProcess, engine: number | undefined): void {
  const pid = child.pid!;
  try {
    if (kind === 'the whole group') process.kill(-pid, 'SIGKILL');
    else process.kill(kind === 'the engine' ? (engine ?? pid) : pid, 'SIGKILL');
  } catch {
    return; // it ended a moment before
  }
}

/** Runs the study until it has made `files` files, and kills it then; whether it was killed. */
async function killAt(folder: string, files: number, engines: Identity[]): Promise<boolean> {
  const kind = KINDS[below(KINDS.length)];
  const { child, said, ended } = run(folder);
  let over = false;
  void ended.then(() => (over = true));
  while (!over && namesIn(folder).length < files) await sleep(2);
  await sleep(below(200));
  if (over) {
    const refused = /is at work on/.test(said.text);
    note('a study taken up at once after a kill', refused ? said.text.slice(-300) : null);
    return false;
  }
  const engine = readLock(join(folder, '.lock'))?.owner?.pid;
  if (engine !== undefined) engines.push(identify(engine));
  kill(kind, child, engine);
  await once(child);
  note(`kills of ${kind}`, null);
  return true;
}

const once = (child: ChildProcess): Promise<void> =>
  new Promise((done) => {
    if (child.exitCode !== null || child.signalCode !== null) done();
    else child.once('exit', () => done());
  });

/** What is wrong with a study that was finished after all; null: nothing. */
function compare(folder: string, whole: string): void {
  const wrong = differences(folder, whole);
  note('studies finished after all, byte for byte', wrong.length === 0 ? null : wrong.join(', '));
  const other = unequal(resultsOf(folder), resultsOf(whole));
  note('their results, but for times', other.length === 0 ? null : other.join(' '));
  const left = namesIn(folder).filter((name) => /\.tmp$|\.lock/.test(name));
  note('their folders without drafts and locks', left.length === 0 ? null : left.join(', '));
}

/** Finishes the study in `folder`; whether it could be. */
async function finish(folder: string): Promise<boolean> {
  const { said, ended } = run(folder);
  const code = await ended;
  note('a study taken up at once after a kill', code === 0 ? null : said.text.slice(-300));
  return code === 0;
}

async function killStudies(whole: string): Promise<void> {
  const engines: Identity[] = [];
  const most = namesIn(whole).length;
  for (let done = 0, i = 0; done < kills && !stops; i++) {
    const folder = join(scratch, `killed-${i}`);
    const times = 1 + below(3);
    for (let k = 0; k < times; k++) if (await killAt(folder, below(most), engines)) done++;
    if (await finish(folder)) compare(folder, whole);
    rmSync(folder, { recursive: true, force: true });
    console.log(`${done} of ${kills} kills`);
  }
  for (const engine of engines) {
    // An engine without a host has fifteen seconds to finish its step.
    for (let i = 0; i < 300 && standingOf(engine) === 'alive'; i++) await sleep(100);
    const lives = standingOf(engine) === 'alive';
    note('engines gone with their command line', lives ? `process ${engine.pid} lives` : null);
  }
}

const mount = (...args: string[]) => execFileSync('mount', args, { stdio: 'ignore' });

/** Starts a study on a disk that is too small, gives it room, and takes it up. */
async function fillDisk(whole: string, i: number): Promise<void> {
  const place = mkdtempSync(join(scratch, 'disk-'));
  mount('-t', 'tmpfs', '-o', `size=${8 + below(492)}k`, 'tmpfs', place);
  try {
    const folder = join(place, `study-${i}`);
    const { said, ended } = run(folder);
    const code = await ended;
    const sentence = said.text.trim().split('\n').at(-1)!;
    const isSaid = code === 1 && /^isocurve: cannot .*: the disk is full/.test(sentence);
    const hadRoom = code === 0;
    if (!hadRoom) note('full disks that are said to be full', isSaid ? null : sentence);
    mount('-o', 'remount,size=64m', place);
    if (await finish(folder)) compare(folder, whole);
  } finally {
    execFileSync('umount', [place]);
  }
}

/** A disk that turns read-only at a random state, and writable again. */
async function freezeDisk(whole: string, i: number): Promise<void> {
  const place = mkdtempSync(join(scratch, 'disk-'));
  mount('-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', place);
  try {
    const folder = join(place, `study-${i}`);
    const { said, ended } = run(folder);
    const files = 2 + below(namesIn(whole).length - 2);
    while (namesIn(folder).length < files) await sleep(2);
    for (let frozen = false; !frozen; await sleep(1)) {
      try {
        mount('-o', 'remount,ro', place);
        frozen = true;
      } catch {
        continue; // a file is open for writing
      }
    }
    const code = await ended;
    const sentence = said.text.trim().split('\n').at(-1)!;
    const isSaid = code === 1 && /read-only/.test(sentence);
    const wasOver = code === 0;
    if (!wasOver) note('disks turned read-only that are said to be', isSaid ? null : sentence);
    mount('-o', 'remount,rw', place);
    if (await finish(folder)) compare(folder, whole);
  } finally {
    execFileSync('umount', [place]);
  }
}

/** Kills `dataset add` at random moments; then a good one must be all that is left. */
async function killDatasets(times: number): Promise<void> {
  const cache = mkdtempSync(join(scratch, 'cache-'));
  const store = join(cache, 'store');
  const csv = join(scratch, 'table.csv');
  const row = (i: number) => `${Array.from({ length: 20 }, (_, k) => (i * k) % 97)},${i % 2}\n`;
  const header = `${Array.from({ length: 20 }, (_, k) => `x${k}`)},kind\n`;
  writeFileSync(csv, header + Array.from({ length: 40_000 }, (_, i) => row(i)).join(''));
  const add = () =>
    isocurve(['dataset', 'add', csv, '--label', 'kind'], { ISOCURVE_DATASETS: store });
  for (let i = 0; i < times && !stops; i++) {
    rmSync(store, { recursive: true, force: true });
    const { child, ended } = add();
    const gone = ended.then(() => true);
    while (namesIn(store).length === 0 && !(await Promise.race([gone, sleep(2, false)])));
    await sleep(below(300));
    kill(i % 2 === 0 ? 'the whole group' : 'the command line', child, undefined);
    await once(child);
    await add().ended;
    const names = readdirSync(store);
    const alone = names.length === 1 && !names[0].startsWith('.');
    note('datasets added after a kill, nothing beside them', alone ? null : names.join(', '));
  }
}

const whole = join(scratch, 'whole');
await run(whole).ended;
await killDatasets(10);
try {
  for (let i = 0; i < disks && !stops; i++) {
    await fillDisk(whole, i);
    await freezeDisk(whole, i);
  }
} catch (error) {
  console.log(`no disks: this machine lets nobody mount one (${(error as Error).message})`);
}
await killStudies(whole);
rmSync(scratch, { recursive: true, force: true });
console.table(Object.fromEntries(table));
process.exitCode = [...table.values()].some(({ failed }) => failed > 0) ? 1 : 0;
