/**
 * Checkpoints: a network's weights and running statistics at one step, as a file that explains
 * itself.
 */

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Fault } from '../../../shared/fault';
import { writeAtomically } from '../files';
import type { Model } from '../model/model';
import { listOwn, MOST, readOwnBytes } from '../own-file';
import { readTensors, writeTensors, type NamedTensor, type TensorFile } from './safetensors';

export interface Checkpoint {
  readonly step: number;
  readonly weights: Float32Array;
  readonly statistics: Float32Array;
}

const fileName = (step: number) => `step-${String(step).padStart(6, '0')}.safetensors`;

/** SHA-256 of vectors, one after the other. */
export function hashOf(vectors: readonly Float32Array[]): string {
  const hash = createHash('sha256');
  for (const { buffer, byteOffset, byteLength } of vectors) {
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest('hex');
}

/** The hash of weights and statistics together: what manifests call a checkpoint by. */
export const weightsHash = ({ weights, statistics }: Omit<Checkpoint, 'step'>): string =>
  hashOf([weights, statistics]);

/** Named tensors of a flat vector. */
const cut = (
  flat: Float32Array,
  parts: readonly { name: string; offset: number; size: number; shape?: readonly number[] }[],
): NamedTensor[] =>
  parts.map(({ name, offset, size, shape }) => ({
    name,
    shape: shape ?? [size],
    values: flat.slice(offset, offset + size),
  }));

/** Writes the checkpoint of `step` into `folder`. `metadata` says what it belongs to. */
export function saveCheckpoint(
  folder: string,
  checkpoint: Checkpoint,
  model: Model,
  metadata: ReadonlyMap<string, string>,
): void {
  const tensors = [
    ...cut(checkpoint.weights, model.parameters),
    ...cut(checkpoint.statistics, model.statistics),
  ];
  const all = new Map([
    ...metadata,
    ['format', 'isocurve 1; convolutions [height, width, in, out], dense [in, out]'],
    ['step', String(checkpoint.step)],
    ['sha256', weightsHash(checkpoint)],
  ]);
  writeAtomically(checkpointPath(folder, checkpoint.step), writeTensors(tensors, all));
}

/** Steps that have a checkpoint in `folder`, ascending. */
export function checkpointSteps(folder: string): number[] {
  return listOwn(folder)
    .map((name) => /^step-(\d+)\.safetensors$/.exec(name))
    .flatMap((match) => (match === null ? [] : [Number(match[1])]))
    .sort((a, b) => a - b);
}

/** The file of one checkpoint in `folder`. */
export const checkpointPath = (folder: string, step: number): string =>
  join(folder, fileName(step));

/** True of a run that has not ended: it begins again where a checkpoint of it is missing. */
const BEGINS_AGAIN = 'delete only this file, and resuming the study makes its run again';

function tensorsOf(bytes: Buffer, path: string, wayOut: string): TensorFile {
  try {
    return readTensors(bytes, path);
  } catch {
    throw new Fault('damaged', `${path} cannot be read as a whole file; ${wayOut}`);
  }
}

/**
 * The checkpoint of `step` that `bytes`, the content of `path`, are. `wayOut` is what to do where
 * they are not.
 * @throws Fault 'damaged'
 */
export function parseCheckpoint(
  bytes: Buffer,
  path: string,
  step: number,
  model: Model,
  wayOut = BEGINS_AGAIN,
): Checkpoint {
  const file = tensorsOf(bytes, path, wayOut);
  const damaged = (what: string) => new Fault('damaged', `${path} ${what}; ${wayOut}`);
  const flatten = (
    parts: readonly { name: string; offset: number; size: number }[],
    length: number,
  ): Float32Array => {
    const flat = new Float32Array(length);
    for (const { name, offset, size } of parts) {
      const tensor = file.tensors.get(name);
      if (tensor === undefined || tensor.values.length !== size) {
        throw damaged(
          `does not hold '${name}' in the size this network has: it belongs to another one`,
        );
      }
      flat.set(tensor.values, offset);
    }
    return flat;
  };
  const checkpoint = {
    step,
    weights: flatten(model.parameters, model.size),
    statistics: flatten(model.statistics, model.statisticsSize),
  };
  if (file.metadata.get('sha256') !== weightsHash(checkpoint)) {
    throw damaged('is damaged: its weights do not match its checksum');
  }
  const { step: found, run } = Object.fromEntries(file.metadata);
  if (found !== String(step)) throw damaged(`is of step ${found}, not of ${step}`);
  const owner = basename(dirname(path));
  if (run !== undefined && run !== owner) throw damaged(`is of the run ${run}, not of ${owner}`);
  return checkpoint;
}

/** @throws Fault 'not-found' or 'damaged' */
export function loadCheckpoint(folder: string, step: number, model: Model): Checkpoint {
  const path = checkpointPath(folder, step);
  if (!existsSync(path)) {
    throw new Fault(
      'not-found',
      `${path} does not exist; there are ${checkpointSteps(folder).length} checkpoints in ${folder}`,
    );
  }
  return parseCheckpoint(readOwnBytes(path, { atMost: MOST.binary }), path, step, model);
}
