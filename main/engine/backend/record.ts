/**
 * Runs a step once eagerly, writes down what it asked of libtensorflow, and replays that as one
 * graph in one call.
 * tfjs-node pays 100 to 200 µs for every operation; a replay pays it once. On other tiers a step
 * just runs.
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import {
  constantNode,
  identityNode,
  operationNode,
  placeholderNode,
  savedModelProto,
} from './graph-proto';
import type { NodeBackend, OpAttribute } from './tensorflow';

/**
 * A pure function of tensors: no state, no chance, and nothing that depends on the values of its
 * inputs.
 */
export type Step = (inputs: tf.Tensor[]) => tf.Tensor[];

export interface Replay {
  /**
   * The outputs of the step for these inputs. The caller owns them; the inputs stay the caller's.
   */
  run(inputs: tf.Tensor[]): tf.Tensor[];
  /** Frees the graphs. */
  dispose(): void;
}

interface Graph {
  session: number;
  inputNames: string;
  outputNames: string;
}

/** `step`, recorded at first use for each combination of input shapes when `backend` can replay. */
export function record(step: Step, backend: NodeBackend | null): Replay {
  if (backend === null) return { run: (inputs) => tf.tidy(() => step(inputs)), dispose() {} };
  const graphs = new Map<string, Graph>();
  return {
    run(inputs) {
      const signature = inputs.map((input) => `${input.dtype}[${input.shape.join()}]`).join(' ');
      let graph = graphs.get(signature);
      if (graph === undefined) {
        graph = recordGraph(step, inputs, backend);
        graphs.set(signature, graph);
      }
      const ids = backend.getInputTensorIds(inputs);
      return backend.binding
        .runSavedModel(graph.session, ids, graph.inputNames, graph.outputNames)
        .map((metadata) => backend.createOutputTensor(metadata));
    },
    dispose() {
      for (const graph of graphs.values()) backend.binding.deleteSavedModel(graph.session);
      graphs.clear();
    },
  };
}

/**
 * Collects nodes while a step runs. Tensors are known by their data id; unknown ones become
 * constants.
 */
class Recorder {
  readonly nodes: Buffer[] = [];
  /** Data id → where its value is found in the graph, as `node:output`. */
  private readonly origins = new Map<object, string>();
  private count = 0;

  constructor(private readonly backend: NodeBackend) {}

  feed(input: tf.Tensor, i: number): string {
    this.nodes.push(placeholderNode(`in${i}`, input.dtype, input.shape));
    this.origins.set(input.dataId, `in${i}:0`);
    return `in${i}:0`;
  }

  reference(tensor: tf.TensorInfo): string {
    const known = this.origins.get(tensor.dataId);
    if (known !== undefined) return known;
    const name = `c${this.count++}`;
    const values = this.backend.readSync(tensor.dataId) as Float32Array | Int32Array | Uint8Array;
    this.nodes.push(constantNode(name, tensor.dtype, tensor.shape, values));
    this.origins.set(tensor.dataId, `${name}:0`);
    return `${name}:0`;
  }

  operation(
    op: string,
    given: OpAttribute[],
    operands: tf.TensorInfo[],
    inputs: string[],
    outputs: tf.Tensor[],
  ): void {
    const name = `n${this.count++}`;
    const { binding } = this.backend;
    // Eager execution infers the type of an operation called without attributes; a graph has to be
    // told.
    const type = operands[0]?.dtype === 'int32' ? binding.TF_INT32 : binding.TF_FLOAT;
    const inferred = { name: 'T', type: binding.TF_ATTR_TYPE, value: type };
    const attributes = given.length === 0 ? [inferred] : given;
    this.nodes.push(operationNode(binding, name, op, inputs, attributes));
    outputs.forEach((output, i) => this.origins.set(output.dataId, `${name}:${i}`));
  }

  fetch(output: tf.Tensor, i: number): string {
    this.nodes.push(identityNode(`out${i}`, this.reference(output), output.dtype));
    return `out${i}:0`;
  }
}

function recordGraph(step: Step, inputs: tf.Tensor[], backend: NodeBackend): Graph {
  const recorder = new Recorder(backend);
  const inputNames = inputs.map((input, i) => recorder.feed(input, i));
  const single = backend.executeSingleOutput;
  const multiple = backend.executeMultipleOutputs;
  // Every kernel of tfjs-node goes through one of these two methods.
  backend.executeSingleOutput = (op, attributes, operands) => {
    const references = operands.map((operand) => recorder.reference(operand));
    const output = single.call(backend, op, attributes, operands);
    recorder.operation(op, attributes, operands, references, [output]);
    return output;
  };
  backend.executeMultipleOutputs = (op, attributes, operands, count) => {
    const references = operands.map((operand) => recorder.reference(operand));
    const outputs = multiple.call(backend, op, attributes, operands, count);
    recorder.operation(op, attributes, operands, references, outputs);
    return outputs;
  };
  let outputNames: string[];
  try {
    outputNames = tf.tidy(() => step(inputs).map((output, i) => recorder.fetch(output, i)));
  } finally {
    backend.executeSingleOutput = single;
    backend.executeMultipleOutputs = multiple;
  }
  return {
    session: loadGraph(recorder.nodes, backend),
    inputNames: inputNames.join(),
    outputNames: outputNames.join(),
  };
}

/**
 * The binding reads graphs from a folder only; it is removed as soon as the session holds the
 * graph.
 */
function loadGraph(nodes: Buffer[], backend: NodeBackend): number {
  const folder = mkdtempSync(join(tmpdir(), 'isocurve-graph-'));
  try {
    mkdirSync(join(folder, 'variables'));
    writeFileSync(join(folder, 'saved_model.pb'), savedModelProto(nodes));
    return backend.binding.loadSavedModel(folder, 'serve');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
