/**
 * The CIFAR ResNet family (He et al. 2015, §4.2; pre-activation: He et al. 2016), with or without
 * skips.
 */

import * as tf from '@tensorflow/tfjs';
import type { ResnetSpec } from '../../../shared/spec/model';
import type { Declaration, Pass } from './layers';
import type { Layout } from './build';

export interface Block {
  readonly name: string;
  readonly input: number;
  readonly output: number;
  readonly stride: 1 | 2;
}

/**
 * Three stages of (depth − 2)/6 blocks with 1, 2 and 4 times the width; stages 2 and 3 halve the
 * image.
 */
export function resnetBlocks({ depth, width }: ResnetSpec): Block[] {
  const perStage = (depth - 2) / 6;
  const blocks: Block[] = [];
  let input = width;
  for (let stage = 0; stage < 3; stage++) {
    const output = width << stage;
    for (let i = 0; i < perStage; i++) {
      const stride = stage > 0 && i === 0 ? 2 : 1;
      blocks.push({ name: `layer${stage + 1}.${i}`, input, output, stride });
      input = output;
    }
  }
  return blocks;
}

const changesShape = (block: Block) => block.stride !== 1 || block.input !== block.output;

/** Names and order are those of the PyTorch reference code: conv1, bn1, conv2, bn2, shortcut. */
function declare(spec: ResnetSpec, blocks: Block[], to: Declaration, layout: Layout): void {
  const [height, width, channels] = layout.inputShape;
  let pixels = height * width;
  to.conv('conv1', 3, channels, spec.width, pixels);
  if (spec.order === 'post') to.normalisation('bn1', spec.width);
  for (const block of blocks) {
    if (block.stride === 2) pixels = Math.ceil(pixels / 4);
    if (spec.order === 'pre') to.normalisation(`${block.name}.bn1`, block.input);
    to.conv(`${block.name}.conv1`, 3, block.input, block.output, pixels);
    to.normalisation(`${block.name}.${spec.order === 'post' ? 'bn1' : 'bn2'}`, block.output);
    to.conv(`${block.name}.conv2`, 3, block.output, block.output, pixels);
    if (spec.order === 'post') to.normalisation(`${block.name}.bn2`, block.output);
    if (spec.skip !== 'projection' || !changesShape(block)) continue;
    to.conv(`${block.name}.shortcut.0`, 1, block.input, block.output, pixels);
    if (spec.order === 'post') to.normalisation(`${block.name}.shortcut.1`, block.output);
  }
  if (spec.order === 'pre') to.normalisation('bn', 4 * spec.width);
  to.dense('linear', 4 * spec.width, layout.classes, true);
}

/** The parameter-free shortcut (option A): every second pixel, and zeros for the new channels. */
function identitySkip(x: tf.Tensor4D, block: Block): tf.Tensor4D {
  if (!changesShape(block)) return x;
  const sampled = block.stride === 1 ? x : tf.avgPool(x, 1, block.stride, 'valid');
  return tf.pad4d(sampled, [
    [0, 0],
    [0, 0],
    [0, 0],
    [0, block.output - block.input],
  ]);
}

function postBlock(pass: Pass, spec: ResnetSpec, block: Block, x: tf.Tensor4D): tf.Tensor4D {
  const { name, stride } = block;
  let h = pass.activation(pass.convNorm(`${name}.conv1`, `${name}.bn1`, x, stride));
  h = pass.convNorm(`${name}.conv2`, `${name}.bn2`, h);
  if (spec.skip === 'none') return pass.activation(h);
  const skip =
    spec.skip === 'projection' && changesShape(block)
      ? pass.convNorm(`${name}.shortcut.0`, `${name}.shortcut.1`, x, stride)
      : identitySkip(x, block);
  return pass.activation(tf.add(h, skip));
}

function preBlock(pass: Pass, spec: ResnetSpec, block: Block, x: tf.Tensor4D): tf.Tensor4D {
  const { name, stride } = block;
  const ready = pass.activation(pass.normalise(`${name}.bn1`, x));
  let h = pass.convNorm(`${name}.conv1`, `${name}.bn2`, ready, stride);
  h = pass.activation(h);
  h = pass.conv(`${name}.conv2`, h);
  if (spec.skip === 'none') return h;
  // Where the shape changes, He et al.'s code projects the activated input.
  const skip =
    spec.skip === 'projection' && changesShape(block)
      ? pass.conv(`${name}.shortcut.0`, ready, stride)
      : identitySkip(x, block);
  return tf.add(h, skip);
}

/** The family as `build.ts` wants it. */
export function resnet(spec: ResnetSpec) {
  const blocks = resnetBlocks(spec);
  return {
    declare: (to: Declaration, layout: Layout) => declare(spec, blocks, to, layout),
    forward(pass: Pass, images: tf.Tensor): tf.Tensor2D {
      let h =
        spec.order === 'post'
          ? pass.activation(pass.convNorm('conv1', 'bn1', images as tf.Tensor4D))
          : pass.conv('conv1', images as tf.Tensor4D);
      for (const block of blocks) {
        h =
          spec.order === 'post' ? postBlock(pass, spec, block, h) : preBlock(pass, spec, block, h);
      }
      if (spec.order === 'pre') h = pass.activation(pass.normalise('bn', h));
      return pass.dense('linear', tf.mean(h, [1, 2]) as tf.Tensor2D);
    },
    blocks: blocks.length,
    isInBranch: (name: string) => /^layer\d\.\d+\.conv[12]\.weight$/.test(name),
    isLastOfBranch: (name: string) => /^layer\d\.\d+\.conv2\.weight$/.test(name),
  };
}
