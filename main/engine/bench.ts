/** Times the two things Isocurve does most: a training step and a point of a scan. */

import * as tf from '@tensorflow/tfjs';
import { median } from '../../shared/maths/statistics';
import type { BenchReport, BenchSpec } from '../../shared/spec/bench';
import { check } from '../../shared/spec/check';
import { ModelSpec } from '../../shared/spec/model';
import { RecipeSpec } from '../../shared/spec/run';
import { stream } from './backend/random';
import type { Backend } from './backend/start';
import { seconds } from './clock';
import { buildModel } from './model/build';
import type { Model } from './model/model';
import { buildTrainingStep, type TrainingState } from './run/step';
import { buildPoints, recordPoints } from './surface/points';

const CLASSES = 10;
/** Runs before timing starts: the first records the graph, the second warms the caches. */
const WARM_UP = 2;

export type BenchEvent =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  | { readonly kind: 'report'; readonly report: BenchReport };

function randomBatch({ batch, size, channels }: BenchSpec) {
  const chance = stream(1, 'bench');
  const count = batch * size * size * channels;
  const pixels = Float32Array.from({ length: count }, () => chance.normal());
  const labels = Int32Array.from({ length: batch }, () => chance.below(CLASSES));
  return {
    images: tf.tensor4d(pixels, [batch, size, size, channels]),
    labels: tf.tensor1d(labels, 'int32'),
  };
}

/** A function that does the work once, and one that frees what it holds. */
interface Bench {
  once(): void;
  dispose(): void;
}

function trainBench(model: Model, spec: BenchSpec, backend: Backend): Bench {
  const step = buildTrainingStep(model, check(RecipeSpec, {}, 'bench'), CLASSES, backend.node);
  const batch = randomBatch(spec);
  let state: TrainingState = {
    weights: tf.tensor1d(model.initialise(stream(1, 'initialisation'))),
    statistics: tf.tensor1d(model.initialStatistics()),
    slots: [tf.zeros([model.size]) as tf.Tensor1D],
  };
  let count = 0;
  return {
    once: () => void (state = step.take(state, batch, count++, 0.01).state),
    dispose() {
      tf.dispose([batch.images, batch.labels, state.weights, state.statistics, ...state.slots]);
      step.dispose();
    },
  };
}

function scanBench(model: Model, spec: BenchSpec, backend: Backend): Bench {
  const weights = model.initialise(stream(1, 'initialisation'));
  const directions = ['x', 'y'].map((axis) => {
    const chance = stream(1, axis);
    return weights.map(() => 0.01 * chance.normal());
  });
  const counted = tf.ones([spec.batch]) as tf.Tensor1D;
  const batches = [{ ...randomBatch(spec), counted }];
  const dispose = () => tf.dispose(batches.flatMap((batch) => Object.values(batch)));
  const set = { batches, size: spec.batch, dispose };
  const statistics = model.initialStatistics();
  const span = { weights, statistics, directions, statisticDirections: [null, null] };
  const replay = recordPoints(model, 'frozen', false, backend.node);
  const points = buildPoints(replay, span, set, spec.points);
  const coordinates = Array.from({ length: spec.points }, (_, i) => [0.3 - 0.1 * i, -0.2]);
  return {
    once: () => void points.measure(coordinates),
    dispose() {
      points.dispose();
      replay.dispose();
      set.dispose();
    },
  };
}

/** Least-squares slope per step of equally spaced values. */
function slope(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let [rise, run] = [0, 0];
  values.forEach((value, i) => {
    rise += (i - middle) * (value - mean);
    run += (i - middle) ** 2;
  });
  return run === 0 ? 0 : rise / run;
}

/** Times `spec.repeat` repetitions. */
export async function* runBench(spec: BenchSpec, backend: Backend): AsyncGenerator<BenchEvent> {
  const { depth, width, skip, size, channels } = spec;
  const modelSpec = check(ModelSpec, { family: 'resnet', depth, width, skip }, 'bench');
  const model = buildModel(modelSpec, { inputShape: [size, size, channels], classes: CLASSES });
  const tensorsBefore = tf.memory().numTensors;
  const trains = spec.work === 'train';
  const bench = trains ? trainBench(model, spec, backend) : scanBench(model, spec, backend);
  const times: number[] = [];
  const memory: number[] = [];
  try {
    for (let i = 0; i < WARM_UP + spec.repeat; i++) {
      const began = seconds();
      bench.once();
      if (i >= WARM_UP) times.push((seconds() - began) * 1000);
      memory.push(process.memoryUsage.rss() / 2 ** 20);
      yield { kind: 'progress', done: i + 1, total: WARM_UP + spec.repeat };
    }
  } finally {
    bench.dispose();
  }
  const each = times.map((time) => (trains ? time : time / spec.points));
  const flops = 2 * model.cost * spec.batch * (trains ? 3 : 1);
  yield {
    kind: 'report',
    report: {
      spec,
      median: median(each),
      fastest: Math.min(...each),
      slowest: Math.max(...each),
      gigaflops: flops / (median(each) * 1e6),
      memorySlope: (1000 * slope(memory.slice(memory.length >> 1))) / (trains ? 1 : spec.points),
      tensorsLeft: tf.memory().numTensors - tensorsBefore,
    },
  };
}
