/**
 * The process in which a file of others is read: it answers one request and ends. Whoever forked it
 * sets its deadline and watches its memory; it has no engine, no network and nothing to lose.
 */

import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Fault, storageFault, toFault } from '../../../shared/fault';
import { seriesIn, stepsText } from '../../../shared/foreign/series';
import type {
  FileReport,
  ReaderFrame,
  ReaderResults,
  ReaderTask,
  SentRequest,
} from '../../../shared/spec/foreign';
import { bytesAt } from '../../native/bytes';
import { draftOf, dropDraft } from '../../native/drafts';
import { unreadable } from '../../native/readable';
import { writeTensors } from '../checkpoint/safetensors';
import { stringify } from '../files';
import { findParent } from '../parent';
import { isLabelledArchive } from './dataset/arrays';
import { glanceAt, type Glance } from './dataset/glance';
import { keepDataset } from './dataset/keep';
import { readDataset } from './dataset/read';
import { spokesman, weightsIn } from './folder';
import { identify } from './identify';
import { reportOf, WAYS } from './report';
import { FileSource, onOpened } from './source';
import type { ForeignTensor } from './tensors';

/** Where copies go, and how the names of their drafts end. */
type Into = Pick<Extract<SentRequest, { folder: string }>, 'folder' | 'draft'>;

/** The file's tensors as float32 in a file of our own, named by its content. */
function take(tensors: readonly ForeignTensor[], into: Into): string {
  const named = tensors.map(({ name, shape, read }) => {
    const values = read();
    return {
      name,
      shape,
      values: values instanceof Float32Array ? values : new Float32Array(values),
    };
  });
  // Nothing of where it lay: the same weights are one copy, whoever brings them.
  const bytes = writeTensors(named, new Map());
  return keep(bytes, into, 'safetensors');
}

/** Writes a copy under the name of its content. */
function keep(bytes: Buffer, { folder, draft: tag }: Into, ending: string): string {
  const hash = createHash('sha256').update(bytes).digest('hex');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${hash}.${ending}`);
  // Without a sync, which Node's permission model forbids: it is a copy that can be taken again.
  const draft = draftOf(path, tag);
  try {
    writeFileSync(draft, bytes);
    renameSync(draft, path);
  } catch (error) {
    dropDraft(draft);
    throw storageFault(error, 'write', path);
  }
  return path;
}

async function identified(request: Exclude<SentRequest, { task: 'dataset' }>) {
  const isFolder = statSync(request.path).isDirectory();
  const path = isFolder ? spokesmanOf(request.path) : request.path;
  const source = new FileSource(path);
  try {
    const found = await identify(source, path);
    const own = isFolder ? { name: basename(request.path), bytes: bytesAt(request.path) } : {};
    const report = { ...reportOf(source, found), ...own };
    if (request.task === 'inspect') return report;
    if (request.task === 'surface') {
      if (found.surface === undefined) {
        throw new Fault('bad-value', `${source.name} holds no surface: ${report.verdict}`);
      }
      const text = Buffer.from(stringify(found.surface));
      return { report, path: keep(text, request, 'surface.json') };
    }
    const wanted = request.task === 'weights' ? 'checkpoint' : 'directions';
    if (found.kind !== wanted) {
      const reason = `${source.name} holds no ${request.task}: ${report.verdict}`;
      throw new Fault('bad-value', reason);
    }
    return { report, path: take(found.tensors, request) };
  } finally {
    source.close();
  }
}

const datasetReport = (path: string, { format, verdict }: Glance): FileReport => ({
  name: basename(path),
  bytes: bytesAt(path),
  kind: 'dataset',
  format,
  verdict,
  way: WAYS.dataset,
  tensors: [],
  guess: null,
  parts: [],
});

function collectionReport(path: string, parts: readonly string[]): FileReport {
  const [series] = seriesIn(parts, (name) => name);
  const isOne = series?.items.length === parts.length;
  const told = `a folder of ${parts.length} files of weights`;
  return {
    name: basename(path),
    bytes: bytesAt(path),
    kind: 'collection',
    format: 'a folder',
    verdict: isOne ? `${told}, by their names of one training: ${stepsText(series)}` : told,
    way: WAYS.collection,
    tensors: [],
    guess: null,
    parts,
  };
}

const holdsNothing = (path: string): Fault =>
  new Fault('bad-value', `${path} is a folder that holds no dataset and no network known here`);

function spokesmanOf(folder: string): string {
  const path = spokesman(folder);
  if (path === null) throw holdsNothing(folder);
  return path;
}

/** A file is weights or the like first, and a dataset where it is none of them. */
async function inspected(request: SentRequest & { task: 'inspect' }): Promise<FileReport> {
  const { path } = request;
  const isFolder = statSync(path).isDirectory();
  if (isFolder && spokesman(path) !== null) return (await identified(request)) as FileReport;
  const glance = isFolder || looksLikeDataset(path) ? await glanceAt(path) : null;
  if (glance !== null) return datasetReport(path, glance);
  if (isFolder) {
    const files = weightsIn(path);
    if (files.length < 2) throw holdsNothing(path);
    return collectionReport(path, files);
  }
  try {
    return (await identified(request)) as FileReport;
  } catch (error) {
    const found = error instanceof Fault ? await glanceAt(path) : null;
    if (found === null) throw error;
    return datasetReport(path, found);
  }
}

/** Arrays may be weights or data: labels beside them make them data. */
function looksLikeDataset(path: string): boolean {
  const source = new FileSource(path);
  try {
    return isLabelledArchive(source);
  } finally {
    source.close();
  }
}

async function resultOf(request: SentRequest): Promise<ReaderResults[ReaderTask]> {
  if (request.task === 'inspect') return inspected(request);
  if (request.task !== 'dataset') return identified(request);
  const { path, options } = request;
  const found = await readDataset(path, options);
  const tell = (share: number) => send({ kind: 'progress', share });
  return keepDataset(found, path, options, request, tell);
}

async function answer(request: SentRequest): Promise<ReaderFrame> {
  try {
    return { kind: 'result', result: await resultOf(request) };
  } catch (error) {
    const { code, message } = error instanceof Fault ? error : unforeseen(request, error);
    return { kind: 'fault', code, message };
  }
}

/** What a reader did not see coming: the file is not sound, or the disk is not. */
function unforeseen(request: SentRequest, error: unknown): Fault {
  const { path } = request;
  if (error instanceof RangeError) {
    return new Fault('damaged', `${path} claims more than can be held`);
  }
  const { code, syscall, path: place } = error as NodeJS.ErrnoException;
  // A picture, say, in a folder of them.
  const isReading = syscall === 'open' || syscall === 'scandir' || syscall === 'read';
  const isDenied = code === 'EACCES' || code === 'EPERM';
  if (isReading && isDenied && place?.startsWith(path)) return unreadable(place, error);
  const fault = toFault(error, 'folder' in request ? request.folder : path);
  if (fault.code === 'storage') return fault;
  return new Fault('damaged', `${path} cannot be read: ${fault.message}`);
}

const parent = findParent();
const send = (frame: ReaderFrame): void => parent.send(frame);

/** Bytes of each file that was opened: whoever forked this process gives it time by them. */
const opened = new Map<string, number>();
onOpened((path, size) => {
  if (opened.has(path)) return;
  opened.set(path, size);
  send({ kind: 'opened', bytes: [...opened.values()].reduce((sum, bytes) => sum + bytes, 0) });
});

parent.onFrame((frame) => {
  void answer(frame as SentRequest).then(send);
});
// It reads one file and is ended by whoever started it; without them it ends by itself.
parent.onClose(() => process.exit(0));
send({ kind: 'ready' });
