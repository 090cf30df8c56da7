/**
 * What each file of a study is for, and the way out where it is not as it was written. The advice
 * is what resuming does (`mend.ts`, `train-run.ts`, `scan-run.ts`); tests try it file by file.
 */

import { basename, dirname } from 'node:path';
import { Fault } from '../../../shared/fault';
import type { FileTrouble } from '../../../shared/spec/inventory';
import { readManifest } from '../files';

/** Files that resuming writes anew from what else the study holds. */
const DERIVED = [
  /^runs\/[^/]+\/(trial|attempts|path)\.json$/,
  /^surfaces\/[^/]+\/(head\.json|surface\.h5|surface\.csv)$/,
  /^directions\/[^/]+\/directions\.h5$/,
];

/** Whether resuming writes the missing file at `path` again without measuring anything anew. */
export const isDerived = (path: string): boolean => DERIVED.some((kind) => kind.test(path));

/** Files and folders of people, not of the study's work. */
const OF_PEOPLE = /^(annotations\.json|\.lock|figures\/.*|exports\/.*|.*\.damaged(-\d+)?)$/;

export const isOfPeople = (path: string): boolean => OF_PEOPLE.test(path);

/** The folder of the run or surface that the file at `path` is of; null: it is of none. */
export function partOf(path: string): string | null {
  const [kind, id, name] = path.split('/');
  if (name === undefined) return null;
  if (kind === 'runs' || kind === 'checkpoints') return `runs/${id}`;
  return kind === 'surfaces' || kind === 'directions' ? `surfaces/${id}` : null;
}

const again = (trouble: FileTrouble, makes: string): string =>
  trouble === 'missing'
    ? `resuming the study ${makes}`
    : `delete only this file, and resuming the study ${makes}`;

const anew = (folder: string, makes: string): string =>
  `delete the folder ${folder}, and resuming the study ${makes}`;

/** What to do about `trouble` with the file at `path`, from the study's folder. */
export function wayOut(path: string, trouble: FileTrouble): string {
  const [kind, id, name] = path.split('/');
  if (path === 'study.json') {
    return 'put a copy of it back, or start the same study once more in this folder after deleting it; all that was measured is still there';
  }
  if (path === 'manifest.json') {
    const kept = trouble === 'missing' ? '' : ', and keeps this one as manifest.json.damaged';
    return `resuming the study writes it again${kept}`;
  }
  if (path === 'results.json') return 'resuming the study writes it again from its parts';
  if (kind === 'directions' || isDerived(path)) return again(trouble, 'writes it again');
  if (kind === 'surfaces' && name === 'manifest.json') {
    return again(trouble, 'writes it again from the journal');
  }
  if (kind === 'surfaces') return anew(`surfaces/${id}`, 'measures this surface again');
  if (kind === 'runs' && name === 'manifest.json') return again(trouble, `makes ${id} again`);
  if (kind === 'runs') return anew(`runs/${id}`, `makes ${id} again`);
  if (kind === 'checkpoints') {
    const makes = `makes ${id} again`;
    return trouble === 'missing'
      ? `delete what is left of the folder checkpoints/${id}, and resuming the study ${makes}`
      : `what is measured from it would not be the same; ${anew(`checkpoints/${id}`, makes)}`;
  }
  return 'nothing of the study needs it';
}

/** The manifest of a run or surface at `path`, in the folder of its id. @throws Fault 'damaged' */
export function readPart<T extends { readonly id: string }>(path: string): T {
  const id = basename(dirname(path));
  const kind = basename(dirname(dirname(path)));
  const way = wayOut(`${kind}/${id}/manifest.json`, 'changed');
  const manifest = readManifest<T>(path, way);
  if (manifest.id === id) return manifest;
  throw new Fault('damaged', `${path} is the manifest of '${manifest.id}'; ${way}`);
}
