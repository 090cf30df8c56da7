/**
 * VGG-like plain nets: convolutions in stages, halved by max pooling, then global average pooling
 * and a head.
 */

import * as tf from '@tensorflow/tfjs';
import { vggStages, vggWidening, type VggSpec } from '../../../shared/spec/model';
import type { Layout } from './build';
import type { Declaration, Pass } from './layers';

interface Layer {
  readonly name: string;
  readonly norm: string;
  readonly output: number;
  readonly lastOfStage: boolean;
}

export function vggLayers({ depth, width }: VggSpec): Layer[] {
  return vggStages.get(depth)!.flatMap((count, stage) =>
    Array.from({ length: count }, (_, i) => ({
      name: `stage${stage + 1}.conv${i + 1}`,
      norm: `stage${stage + 1}.bn${i + 1}`,
      output: width * vggWidening[stage],
      lastOfStage: i === count - 1,
    })),
  );
}

/** The family as `build.ts` wants it. */
export function vgg(spec: VggSpec) {
  const layers = vggLayers(spec);
  return {
    declare(to: Declaration, layout: Layout): void {
      let [height, width, input] = layout.inputShape;
      for (const layer of layers) {
        to.conv(layer.name, 3, input, layer.output, height * width);
        to.normalisation(layer.norm, layer.output);
        input = layer.output;
        if (!layer.lastOfStage || Math.min(height, width) < 2) continue;
        height = Math.floor(height / 2);
        width = Math.floor(width / 2);
      }
      to.dense('linear', input, layout.classes, true);
    },
    forward(pass: Pass, images: tf.Tensor): tf.Tensor2D {
      let h = images as tf.Tensor4D;
      for (const layer of layers) {
        h = pass.activation(pass.convNorm(layer.name, layer.norm, h));
        // Small images run out of pixels before the stages do.
        const canHalve = Math.min(h.shape[1], h.shape[2]) >= 2;
        if (layer.lastOfStage && canHalve) h = tf.maxPool(h, 2, 2, 'valid');
      }
      return pass.dense('linear', tf.mean(h, [1, 2]) as tf.Tensor2D);
    },
    blocks: layers.length,
    isInBranch: () => false,
    isLastOfBranch: () => false,
  };
}
