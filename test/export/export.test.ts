/**
 * What leaves for other programs. Each file has the bytes of one that the real library has read
 * back (`test/oracle/exported_files.py`); layers of TensorFlow.js are read back here.
 */

import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { beforeAll, describe, expect, test } from 'vitest';
import { exportCheckpoint, torchTensors } from '../../main/engine/export/checkpoint';
import { writeNpz } from '../../main/engine/export/npz';
import { writeVtp } from '../../main/engine/export/vtp';
import { buildModel } from '../../main/engine/model/build';
import { check } from '../../shared/spec/check';
import type { CheckpointFormat } from '../../shared/spec/export';
import { ModelSpec } from '../../shared/spec/model';
import { emptySurface } from '../../shared/spec/surface';
import { inspectFile } from '../support/reader';
import { keepsNoTensors, startForTest } from '../support/backend';

const LAYOUT = { inputShape: [8, 8, 1], classes: 10 };
const folder = process.env['ISOCURVE_EXPORTS'] ?? mkdtempSync(join(tmpdir(), 'isocurve-exports-'));
const Hashes = v.record(v.string(), v.string());
const hashes = () => v.parse(Hashes, JSON.parse(readFileSync('test/oracle/exported.json', 'utf8')));

beforeAll(() => startForTest());

const specOf = (more: object) =>
  check(ModelSpec, { family: 'resnet', depth: 8, width: 4, ...more }, 'model');

/** Numbers that every language computes alike: sixteenths from −2 to 2. */
const sixteenths = (length: number, seed: number) =>
  Float32Array.from({ length }, (_, i) => (((i * 37 + seed * 101) % 65) - 32) / 16);

function checkpointOf(spec: ModelSpec) {
  const model = buildModel(spec, LAYOUT);
  const weights = sixteenths(model.size, 1).map((value) => value / 4);
  const statistics = model.initialStatistics();
  for (const { kind, offset, size } of model.statistics) {
    const values = sixteenths(size, 2).map((value) => (kind === 'mean' ? value : 0.5 + value ** 2));
    statistics.set(values, offset);
  }
  return { model, checkpoint: { step: 0, weights, statistics } };
}

const images = () => tf.tensor4d(sixteenths(3 * 64, 5), [3, 8, 8, 1]);

function logitsOf(spec: ModelSpec): Float32Array {
  const { model, checkpoint } = checkpointOf(spec);
  return tf.tidy(() => {
    const [weights, statistics] = [
      tf.tensor1d(checkpoint.weights),
      tf.tensor1d(checkpoint.statistics),
    ];
    return model.apply(weights, statistics, images(), 'frozen').logits.dataSync() as Float32Array;
  });
}

async function filesOf(spec: ModelSpec, format: CheckpointFormat) {
  const { model, checkpoint } = checkpointOf(spec);
  return exportCheckpoint(spec, LAYOUT, model, checkpoint, format);
}

function surface() {
  const made = emptySurface([-1, 0, 0.5], [-1, 0, 2]);
  made.measured.fill(1);
  made.losses.set([2, 1, 3, 0.5, 0.1, 0.7, 4, 5, 6]);
  made.accuracies.set(Float64Array.from({ length: 9 }, (_, i) => i / 16));
  return made;
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function keep(name: string, bytes: Uint8Array): void {
  writeFileSync(join(folder, name), bytes);
}

describe.each(['none', 'projection', 'identity'])('a ResNet with skips: %s', (skip) => {
  const spec = specOf({ skip });

  test.each(['safetensors', 'pt', 'npz'] as const)(
    'as %s has the bytes that its own library has read back',
    async (format) => {
      mkdirSync(join(folder, skip), { recursive: true });
      const [{ name, bytes }] = await filesOf(spec, format);
      keep(join(skip, name), bytes);
      const told = {
        images: [...sixteenths(3 * 64, 5)],
        shape: [3, 8, 8, 1],
        logits: [...logitsOf(spec)],
      };
      keep(join(skip, 'logits.json'), Buffer.from(JSON.stringify(told)));
      const report = await inspectFile(join(folder, skip, name));
      const { model, checkpoint } = checkpointOf(spec);
      expect(report.tensors.map((tensor) => tensor.name)).toEqual(
        torchTensors(model, checkpoint).map((tensor) => tensor.name),
      );
      expect(sha256(bytes)).toBe(hashes()[`${skip}/${name}`]);
    },
  );
});

const LAYERED: [string, object][] = [
  ['ResNet, projections', { skip: 'projection' }],
  ['ResNet, parameter-free skips', { skip: 'identity' }],
  ['ResNet, no skips', { skip: 'none' }],
  ['ResNet before its activation', { skip: 'projection', order: 'pre' }],
  ['ResNet without norms', { skip: 'identity', norm: 'none', activation: 'leaky' }],
  ['VGG', { family: 'vgg', depth: 9, width: 4, activation: 'tanh' }],
];

test.each(LAYERED)('%s as layers of TensorFlow.js gives the same logits', async (_, more) => {
  const spec = specOf(more);
  await keepsNoTensors(async () => {
    const files = await filesOf(spec, 'tfjs');
    const [json, weights] = files.map(({ bytes }) => Buffer.from(bytes));
    const { modelTopology, weightsManifest } = JSON.parse(json.toString());
    const weightData = new Uint8Array(weights).buffer;
    const artifacts = { modelTopology, weightSpecs: weightsManifest[0].weights, weightData };
    const layers = await tf.loadLayersModel(tf.io.fromMemory(artifacts));
    const input = images();
    const output = layers.predict(input) as tf.Tensor;
    const [theirs, ours] = [output.dataSync(), logitsOf(spec)];
    const scale = Math.max(...ours.map(Math.abs));
    const off = ours.map((value, i) => Math.abs(value - theirs[i]) / scale);
    expect(Math.max(...off)).toBeLessThan(1e-5);
    tf.dispose([input, output]);
    layers.dispose();
  });
});

test('what has no layer in TensorFlow.js says so, and what can be done', async () => {
  await expect(filesOf(specOf({ activation: 'gelu' }), 'tfjs')).rejects.toThrow(
    /GELU has no counterpart.*safetensors, pt or npz/,
  );
});

test('a surface as npz and vtp has the bytes that NumPy and VTK have read back', () => {
  const made = surface();
  const shape = [3, 3];
  const npz = writeNpz([
    { name: 'x', shape: [3], values: Float64Array.from(made.x) },
    { name: 'y', shape: [3], values: Float64Array.from(made.y!) },
    { name: 'loss', shape, values: made.losses },
    { name: 'accuracy', shape, values: made.accuracies },
  ]);
  keep('surface.npz', npz);
  keep('surface.vtp', writeVtp(made));
  expect(sha256(npz)).toBe(hashes()['surface.npz']);
  expect(sha256(writeVtp(made))).toBe(hashes()['surface.vtp']);
});

test('cells that were not measured or overflowed are holes in a vtp', () => {
  const made = surface();
  made.measured[0] = 0;
  made.losses[8] = Infinity;
  const text = writeVtp(made).toString();
  expect(text).toContain('NumberOfPoints="7"');
  expect(text).toContain('NumberOfPolys="2"');
});
