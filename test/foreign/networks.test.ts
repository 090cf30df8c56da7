/**
 * Files that bring their own architecture: what they predict here is what their own library
 * predicts (`test/oracle/keras_networks.py`, `tensorflow_files.py`; TensorFlow.js by itself).
 */

import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import * as v from 'valibot';
import { beforeAll, describe, expect, test } from 'vitest';
import { layersFiles } from '../../main/engine/export/layers-model';
import { buildModel } from '../../main/engine/model/build';
import { fitWeights } from '../../main/engine/study/import-run';
import { inspectFile, takeWeights } from '../support/reader';
import { importedStudy } from '../../shared/foreign/imported';
import { apart } from '../../shared/foreign/trainings';
import { keepsNoTensors, startForTest } from '../support/backend';

const FILES = 'test/oracle/keras';
const LAYOUT = { inputShape: [8, 8, 1], classes: 10 };
const Expected = v.record(v.string(), v.array(v.number()));
const readExpected = (path: string) => v.parse(Expected, JSON.parse(readFileSync(path, 'utf8')));
const expected = readExpected(join(FILES, 'expected.json'));
const TENSORFLOW = 'test/oracle/tf';
const foreseen = readExpected(join(TENSORFLOW, 'predictions.json'));

beforeAll(() => startForTest());

const images = () =>
  tf.tensor4d(
    Float32Array.from({ length: 3 * 64 }, (_, i) => (((i * 37 + 5 * 101) % 65) - 32) / 16),
    [3, 8, 8, 1],
  );

/** Probabilities by the network in `file`, taken as whoever imports it takes it. */
async function predictedBy(file: string): Promise<Float32Array> {
  const taken = await takeWeights(file);
  const scan = { name: 'plane', directions: { kind: 'random' } };
  const study = importedStudy(apart([taken]), { dataset: { kind: 'digits' }, scan, model: {} });
  const [{ model: spec, weights }] = study.variants;
  expect(spec.family).toBe('layers');
  const model = buildModel(spec, LAYOUT);
  const { weights: theta, statistics, match } = fitWeights(model, weights!);
  expect(match.left).toEqual([]);
  return tf.tidy(() => {
    const { logits } = model.apply(tf.tensor1d(theta), tf.tensor1d(statistics), images(), 'frozen');
    return tf.softmax(logits).dataSync() as Float32Array;
  });
}

const farthest = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a, (value, i) => Math.abs(value - b[i])).reduce((most, off) => Math.max(most, off), 0);

describe.each(Object.keys(expected))('the Keras model %s', (name) => {
  test.each(['keras', 'h5'])('in .%s predicts here what it predicts there', async (ending) => {
    await keepsNoTensors(async () => {
      const found = await predictedBy(join(FILES, `${name}.${ending}`));
      expect(farthest(found, expected[name])).toBeLessThan(1e-5);
    });
  });
});

test.each([
  ['a SavedModel of Keras 2', 'keras2', ''],
  ['the graph of that SavedModel', 'keras2', 'saved_model.pb'],
  ["a LayersModel of TensorFlow.js' converter", 'converted', 'model.json'],
])('%s predicts here what TensorFlow predicts', async (_, name, file) => {
  await keepsNoTensors(async () => {
    const found = await predictedBy(join(TENSORFLOW, name, file));
    expect(farthest(found, foreseen[name])).toBeLessThan(1e-5);
  });
});

test('a model with a layer that is not known says which, and gives its weights', async () => {
  for (const ending of ['keras', 'h5']) {
    const report = await inspectFile(join(FILES, `unknown.${ending}`));
    expect(report.verdict).toMatch(
      /its own network cannot be taken: the layer '\w+' is of the kind \w+/,
    );
    expect(report.tensors.length).toBeGreaterThan(3);
  }
});

test('a LayersModel of TensorFlow.js predicts here what it predicts there', async () => {
  await keepsNoTensors(async () => {
    const input = tf.input({ shape: [8, 8, 1] });
    const take = (layer: tf.layers.Layer, ...from: tf.SymbolicTensor[]) =>
      layer.apply(from.length === 1 ? from[0] : from) as tf.SymbolicTensor;
    const stem = take(tf.layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same' }), input);
    const norm = take(tf.layers.batchNormalization({}), stem);
    const other = take(tf.layers.reLU({ maxValue: 6 }), norm);
    const sum = take(tf.layers.add(), stem, other);
    const pooled = take(tf.layers.averagePooling2d({ poolSize: 2 }), sum);
    const flat = take(tf.layers.flatten(), pooled);
    const output = take(tf.layers.dense({ units: 10, activation: 'softmax' }), flat);
    const model = tf.model({ inputs: input, outputs: output });
    const folder = mkdtempSync(join(tmpdir(), 'isocurve-tfjs-'));
    for (const { name, bytes } of await layersFiles(model))
      writeFileSync(join(folder, name), bytes);
    const fed = images();
    const predicted = model.predict(fed) as tf.Tensor;
    const found = await predictedBy(join(folder, 'model.json'));
    expect(farthest(found, predicted.dataSync())).toBeLessThan(1e-6);
    tf.dispose([fed, predicted]);
    model.dispose();
  });
});

test('batch statistics of such a network are those of the batch', async () => {
  const taken = await takeWeights(join(FILES, 'plain.keras'));
  const spec = taken.report.guess!.model as Parameters<typeof buildModel>[0];
  const model = buildModel(
    {
      ...spec,
      norm: 'batch',
      activation: 'relu',
      leak: 0.1,
      init: 'he',
      headScale: 1,
    } as Parameters<typeof buildModel>[0],
    LAYOUT,
  );
  const { weights, statistics } = fitWeights(model, { file: taken.path });
  await keepsNoTensors(() => {
    tf.tidy(() => {
      const [theta, running] = [tf.tensor1d(weights), tf.tensor1d(statistics)];
      const { statistics: measured, logits } = model.apply(theta, running, images(), 'batch');
      // With its own statistics frozen, the same batch gives the same logits.
      const again = model.apply(theta, measured, images(), 'frozen').logits;
      expect(farthest(again.dataSync(), logits.dataSync())).toBeLessThan(1e-4);
    });
  });
});

test('a network on other data than its own says what it takes', async () => {
  const taken = await takeWeights(join(FILES, 'plain.keras'));
  const scan = { name: 'plane', directions: { kind: 'random' } };
  const study = importedStudy(apart([taken]), { dataset: { kind: 'digits' }, scan, model: {} });
  const [{ model }] = study.variants;
  expect(() => buildModel(model, { inputShape: [28, 28, 1], classes: 10 })).toThrow(
    /takes 8×8×1 and the dataset has 28×28×1/,
  );
  expect(() => buildModel(model, { inputShape: [8, 8, 1], classes: 7 })).toThrow(
    /gives 10 numbers and the dataset has 7 classes/,
  );
});
