/** From a model's spec and a dataset's shape to a model. */

import { Fault } from '../../../shared/fault';
import type { ModelSpec } from '../../../shared/spec/model';
import { initialise } from './initialise';
import { layered } from './layered';
import { activationOf, Declaration, Pass } from './layers';
import { unflatten, type Model } from './model';
import { mlp } from './mlp';
import { resnet } from './resnet';
import { vgg } from './vgg';

/** What a model must know of the data. */
export interface Layout {
  /** [height, width, channels] of an image, or [features]. */
  readonly inputShape: readonly number[];
  readonly classes: number;
}

function familyOf(spec: ModelSpec) {
  switch (spec.family) {
    case 'resnet':
      return resnet(spec);
    case 'vgg':
      return vgg(spec);
    case 'mlp':
      return mlp(spec);
    case 'layers':
      return layered(spec);
    default:
      return spec satisfies never;
  }
}

/** The model of `spec` for `layout`. Holds no tensors. @throws Fault when they do not fit */
export function buildModel(spec: ModelSpec, layout: Layout): Model {
  const needsImages = spec.family === 'resnet' || spec.family === 'vgg';
  if (needsImages && layout.inputShape.length !== 3) {
    throw new Fault(
      'bad-value',
      `a ${spec.family} needs images, and this dataset has ${layout.inputShape.join('×')} features; use the family 'mlp' or another --dataset`,
    );
  }
  const family = familyOf(spec);
  const declared = new Declaration(spec.norm);
  family.declare(declared, layout);
  const { parameters, statistics, size, statisticsSize, cost } = declared;
  const activate = activationOf(spec.activation, spec.leak);
  return {
    parameters,
    statistics,
    size,
    statisticsSize,
    cost,
    initialise: (chance) =>
      initialise(parameters, { scheme: spec.init, headScale: spec.headScale, ...family }, chance),
    initialStatistics: () => {
      const values = new Float32Array(statisticsSize);
      for (const { kind, offset, size: length } of statistics) {
        if (kind === 'variance') values.fill(1, offset, offset + length);
      }
      return values;
    },
    apply(weights, running, batch, mode) {
      const named = unflatten(weights, parameters);
      const frozen =
        mode === 'frozen' && statistics.length > 0
          ? unflatten(running, statistics)
          : new Map<string, never>();
      const pass = new Pass(named, frozen, mode, spec.norm, activate);
      const logits = family.forward(pass, batch);
      return { logits, statistics: pass.statistics(statistics, running) };
    },
  };
}
