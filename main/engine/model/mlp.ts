/** The reference MLP: a dense stem, two-layer blocks with or without skips, a head. */

import * as tf from '@tensorflow/tfjs';
import type { MlpSpec } from '../../../shared/spec/model';
import type { Layout } from './build';
import type { Declaration, Pass } from './layers';

/** Dense features as a 1×1 image, so that one batch norm serves all families. */
const asImage = (x: tf.Tensor2D) => tf.reshape(x, [x.shape[0], 1, 1, x.shape[1]]) as tf.Tensor4D;
const asRows = (x: tf.Tensor4D) => tf.reshape(x, [x.shape[0], x.shape[3]]) as tf.Tensor2D;

/** The family as `build.ts` wants it. */
export function mlp(spec: MlpSpec) {
  const names = Array.from({ length: spec.blocks }, (_, i) => `block${i + 1}`);
  const post = spec.order === 'post';

  const block = (pass: Pass, name: string, x: tf.Tensor4D): tf.Tensor4D => {
    const dense = (layer: string, h: tf.Tensor4D) => asImage(pass.dense(layer, asRows(h)));
    const ready = post ? x : pass.activation(pass.normalise(`${name}.bn1`, x));
    let h = dense(`${name}.fc1`, ready);
    h = pass.activation(pass.normalise(`${name}.${post ? 'bn1' : 'bn2'}`, h));
    h = dense(`${name}.fc2`, h);
    if (post) h = pass.normalise(`${name}.bn2`, h);
    if (spec.skip === 'identity') h = tf.add(h, x);
    return post ? pass.activation(h) : h;
  };

  return {
    declare(to: Declaration, layout: Layout): void {
      const inputs = layout.inputShape.reduce((product, length) => product * length, 1);
      to.dense('stem', inputs, spec.width);
      if (post) to.normalisation('bn1', spec.width);
      for (const name of names) {
        if (!post) to.normalisation(`${name}.bn1`, spec.width);
        to.dense(`${name}.fc1`, spec.width, spec.width);
        to.normalisation(`${name}.${post ? 'bn1' : 'bn2'}`, spec.width);
        to.dense(`${name}.fc2`, spec.width, spec.width);
        if (post) to.normalisation(`${name}.bn2`, spec.width);
      }
      if (!post) to.normalisation('bn', spec.width);
      to.dense('linear', spec.width, layout.classes, true);
    },
    forward(pass: Pass, samples: tf.Tensor): tf.Tensor2D {
      const rows = tf.reshape(samples, [samples.shape[0], -1]) as tf.Tensor2D;
      let h = asImage(pass.dense('stem', rows));
      if (post) h = pass.activation(pass.normalise('bn1', h));
      for (const name of names) h = block(pass, name, h);
      if (!post) h = pass.activation(pass.normalise('bn', h));
      return pass.dense('linear', asRows(h));
    },
    blocks: spec.blocks,
    isInBranch: (name: string) => /^block\d+\.fc[12]\.weight$/.test(name),
    isLastOfBranch: (name: string) => /^block\d+\.fc2\.weight$/.test(name),
  };
}
