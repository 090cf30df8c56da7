/**
 * A network of ours as a LayersModel of TensorFlow.js, which `tf.loadLayersModel` reads and Keras'
 * converter takes: the same layers, with the weights in them.
 */

import * as tf from '@tensorflow/tfjs';
import { Fault } from '../../../shared/fault';
import type { ModelSpec, ResnetSpec, VggSpec } from '../../../shared/spec/model';
import { EPSILON } from '../backend/kernels';
import type { Checkpoint } from '../checkpoint/checkpoint';
import type { Layout } from '../model/build';
import type { Model } from '../model/model';
import { resnetBlocks, type Block } from '../model/resnet';
import { vggLayers } from '../model/vgg';

type Flow = tf.SymbolicTensor;

const unsupported = (what: string): Fault =>
  new Fault(
    'bad-value',
    `a network with ${what} has no counterpart among the layers of TensorFlow.js; export safetensors, pt or npz`,
  );

/** Named tensors of a checkpoint, as values. */
function namedValues(model: Model, { weights, statistics }: Checkpoint): Map<string, tf.Tensor> {
  const of = (flat: Float32Array, offset: number, size: number, shape: readonly number[]) =>
    tf.tensor(flat.slice(offset, offset + size), [...shape]);
  return new Map([
    ...model.parameters.map(
      ({ name, offset, size, shape }) => [name, of(weights, offset, size, shape)] as const,
    ),
    ...model.statistics.map(
      ({ name, offset, size }) => [name, of(statistics, offset, size, [size])] as const,
    ),
  ]);
}

/** Builds layers and remembers which tensors each is to hold. */
class Builder {
  readonly held: [tf.layers.Layer, tf.Tensor[]][] = [];

  constructor(
    private readonly spec: ResnetSpec | VggSpec,
    private readonly values: ReadonlyMap<string, tf.Tensor>,
  ) {
    if (spec.norm === 'layer') throw unsupported('layer norm over space and channels');
  }

  private put(layer: tf.layers.Layer, input: Flow, names: readonly string[]): Flow {
    const output = layer.apply(input) as Flow;
    const tensors = names.flatMap((name) => this.values.get(name) ?? []);
    if (tensors.length > 0) this.held.push([layer, tensors]);
    return output;
  }

  conv(name: string, x: Flow, stride = 1): Flow {
    const kernel = this.values.get(`${name}.weight`)!;
    const [size, , , filters] = kernel.shape;
    const reach = (size - 1) / 2;
    // At stride 2 PyTorch pads all sides, where 'same' would pad below and right only.
    const padded =
      stride === 1 || reach === 0
        ? x
        : (tf.layers.zeroPadding2d({ padding: [reach, reach] }).apply(x) as Flow);
    const layer = tf.layers.conv2d({
      name: name.replaceAll('.', '_'),
      filters,
      kernelSize: size,
      strides: stride,
      padding: stride === 1 ? 'same' : 'valid',
      useBias: this.values.has(`${name}.bias`),
    });
    return this.put(layer, padded, [`${name}.weight`, `${name}.bias`]);
  }

  norm(name: string, x: Flow): Flow {
    if (this.spec.norm === 'none') return x;
    const label = name.replaceAll('.', '_');
    const layer = tf.layers.batchNormalization({ name: label, epsilon: EPSILON });
    const parts = ['weight', 'bias', 'running_mean', 'running_variance'];
    return this.put(
      layer,
      x,
      parts.map((part) => `${name}.${part}`),
    );
  }

  activation(x: Flow): Flow {
    const { activation, leak } = this.spec;
    switch (activation) {
      case 'relu':
        return tf.layers.reLU().apply(x) as Flow;
      case 'leaky':
        return tf.layers.leakyReLU({ alpha: leak }).apply(x) as Flow;
      case 'tanh':
      case 'softplus':
        return tf.layers.activation({ activation }).apply(x) as Flow;
      case 'gelu':
        throw unsupported('GELU');
      default:
        return activation satisfies never;
    }
  }

  /** The skip without parameters: every second pixel, and no signal in the new channels. */
  identity({ name, input, output, stride }: Block, x: Flow): Flow {
    if (stride === 1 && input === output) return x;
    const kernel = tf.tidy(() => {
      const square = tf.pad(tf.eye(input), [
        [0, 0],
        [0, output - input],
      ]);
      return tf.reshape(square, [1, 1, input, output]);
    });
    const layer = tf.layers.conv2d({
      name: `${name.replaceAll('.', '_')}_skip`,
      filters: output,
      kernelSize: 1,
      strides: stride,
      useBias: false,
      trainable: false,
    });
    const result = layer.apply(x) as Flow;
    this.held.push([layer, [kernel]]);
    return result;
  }

  /** Frees the values that the layers were given. */
  dispose(): void {
    tf.dispose([...this.values.values(), ...this.held.flatMap(([, tensors]) => tensors)]);
  }

  head(x: Flow): Flow {
    const pooled = tf.layers.globalAveragePooling2d({}).apply(x) as Flow;
    const units = this.values.get('linear.bias')!.size;
    const layer = tf.layers.dense({ name: 'linear', units });
    return this.put(layer, pooled, ['linear.weight', 'linear.bias']);
  }
}

function resnetLayers(build: Builder, spec: ResnetSpec, images: Flow): Flow {
  const isPost = spec.order === 'post';
  let h = build.conv('conv1', images);
  if (isPost) h = build.activation(build.norm('bn1', h));
  for (const block of resnetBlocks(spec)) {
    const { name, stride, input, output } = block;
    const ready = isPost ? h : build.activation(build.norm(`${name}.bn1`, h));
    let branch = build.conv(`${name}.conv1`, ready, stride);
    branch = build.activation(build.norm(`${name}.${isPost ? 'bn1' : 'bn2'}`, branch));
    branch = build.conv(`${name}.conv2`, branch);
    if (isPost) branch = build.norm(`${name}.bn2`, branch);
    if (spec.skip !== 'none') {
      const projects = spec.skip === 'projection' && (stride !== 1 || input !== output);
      const projected = () => build.conv(`${name}.shortcut.0`, isPost ? h : ready, stride);
      const skip = !projects
        ? build.identity(block, h)
        : isPost
          ? build.norm(`${name}.shortcut.1`, projected())
          : projected();
      branch = tf.layers.add().apply([branch, skip]) as Flow;
    }
    h = isPost ? build.activation(branch) : branch;
  }
  return build.head(isPost ? h : build.activation(build.norm('bn', h)));
}

function vggModel(build: Builder, spec: VggSpec, images: Flow): Flow {
  let h = images;
  for (const { name, norm, lastOfStage } of vggLayers(spec)) {
    h = build.activation(build.norm(norm, build.conv(name, h)));
    const canHalve = Math.min(h.shape[1] ?? 1, h.shape[2] ?? 1) >= 2;
    if (lastOfStage && canHalve) h = tf.layers.maxPooling2d({ poolSize: 2 }).apply(h) as Flow;
  }
  return build.head(h);
}

/**
 * The LayersModel of `spec` with the weights of `checkpoint`; the caller disposes of it.
 * @throws Fault 'bad-value' for what has no layer there
 */
export function buildLayersModel(
  spec: ModelSpec,
  layout: Layout,
  model: Model,
  checkpoint: Checkpoint,
): tf.LayersModel {
  if (spec.family === 'mlp') throw unsupported('norms over features of residual MLPs');
  if (spec.family === 'layers') {
    throw new Fault(
      'bad-value',
      'its file has these layers already; export safetensors, pt or npz',
    );
  }
  const build = new Builder(spec, namedValues(model, checkpoint));
  try {
    const images = tf.input({ shape: [...layout.inputShape] });
    const logits =
      spec.family === 'resnet' ? resnetLayers(build, spec, images) : vggModel(build, spec, images);
    const layers = tf.model({ inputs: images, outputs: logits });
    for (const [layer, tensors] of build.held) layer.setWeights(tensors);
    return layers;
  } finally {
    build.dispose();
  }
}

/** `model.json` and its weights as files. */
export async function layersFiles(
  layers: tf.LayersModel,
): Promise<{ name: string; bytes: Buffer }[]> {
  let saved: tf.io.ModelArtifacts | null = null;
  const info = { dateSaved: new Date(0), modelTopologyType: 'JSON' } as const;
  await layers.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = artifacts;
      return { modelArtifactsInfo: info };
    }),
  );
  const { weightData, weightSpecs, modelTopology } = saved! as tf.io.ModelArtifacts;
  const weights = Buffer.from(tf.io.concatenateArrayBuffers([weightData as ArrayBuffer]));
  const json = {
    format: 'layers-model',
    generatedBy: 'Isocurve',
    convertedBy: null,
    modelTopology,
    weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }],
  };
  return [
    { name: 'model.json', bytes: Buffer.from(JSON.stringify(json)) },
    { name: 'weights.bin', bytes: weights },
  ];
}
