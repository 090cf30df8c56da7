/**
 * A checkpoint in the formats of other programs, in PyTorch's names and axes, or as tfjs layers.
 */

import type { CheckpointFormat, ExportedFile } from '../../../shared/spec/export';
import type { Checkpoint } from '../checkpoint/checkpoint';
import { writeTensors } from '../checkpoint/safetensors';
import type { Layout } from '../model/build';
import type { ModelSpec } from '../../../shared/spec/model';
import type { Model } from '../model/model';
import { toTorchOrder } from '../model/torch-order';
import { buildLayersModel, layersFiles } from './layers-model';
import { writeNpz } from './npz';
import { writePt } from './pt';

/**
 * Tensors as a PyTorch module of this network has them: each norm's statistics after its weights.
 */
export function torchTensors(model: Model, { weights, statistics }: Omit<Checkpoint, 'step'>) {
  const trained = model.parameters.map((parameter) => ({
    name: parameter.name,
    ...toTorchOrder(weights, parameter),
  }));
  const running = model.statistics.map(({ name, offset, size }) => ({
    name: name.replace(/running_variance$/, 'running_var'),
    shape: [size],
    values: statistics.slice(offset, offset + size),
  }));
  return [...trained, ...running];
}

/** The files of `checkpoint` in `format`. @throws Fault 'bad-value' where it has no form in it */
export async function exportCheckpoint(
  spec: ModelSpec,
  layout: Layout,
  model: Model,
  checkpoint: Checkpoint,
  format: CheckpointFormat,
): Promise<ExportedFile[]> {
  const tensors = torchTensors(model, checkpoint);
  switch (format) {
    case 'safetensors': {
      const metadata = new Map([['format', 'pt']]);
      return [{ name: 'weights.safetensors', bytes: writeTensors(tensors, metadata) }];
    }
    case 'pt':
      return [{ name: 'weights.pt', bytes: writePt(tensors) }];
    case 'npz':
      return [{ name: 'weights.npz', bytes: writeNpz(tensors) }];
    case 'tfjs': {
      const layers = buildLayersModel(spec, layout, model, checkpoint);
      try {
        return await layersFiles(layers);
      } finally {
        layers.dispose();
      }
    }
    default:
      return format satisfies never;
  }
}
