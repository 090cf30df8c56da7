/**
 * TensorFlow.js: `model.json` with its weights in shards beside it, and the index of sharded
 * safetensors: files that name others, which must lie in the same folder.
 */

import * as v from 'valibot';
import type { Neighbours } from './beside';
import { readHeader, readStored } from './safetensors';
import { countOf, decode, sizeOfType, type DType, type ForeignTensor } from './tensors';

const FORMAT = 'a TensorFlow.js model';
const INDEX = 'an index of safetensors';

const Weight = v.object({
  name: v.string(),
  shape: v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  dtype: v.string(),
  quantization: v.optional(v.unknown()),
});
const Manifest = v.array(v.object({ paths: v.array(v.string()), weights: v.array(Weight) }));

const TYPES = new Map<string, DType>([
  ['float32', 'float32'],
  ['float16', 'float16'],
  ['int32', 'int32'],
  ['uint8', 'uint8'],
  ['bool', 'bool'],
]);

export const isTfjs = (json: ReadonlyMap<string, unknown>): boolean => json.has('weightsManifest');
export const isShardIndex = (json: ReadonlyMap<string, unknown>): boolean => json.has('weight_map');

/** The weights of a `model.json`, shards joined. @throws Fault 'damaged' */
export function readTfjs(beside: Neighbours, json: ReadonlyMap<string, unknown>): ForeignTensor[] {
  const { source } = beside;
  const parsed = v.safeParse(Manifest, json.get('weightsManifest'));
  if (!parsed.success) throw source.refuse(FORMAT, 0, 'its list of weights is malformed');
  return parsed.output.flatMap(({ paths, weights }) => {
    const shards = paths.map((name) =>
      beside.read(FORMAT, name, (shard) => shard.read(0, shard.size)),
    );
    const bytes = Buffer.concat(shards);
    let at = 0;
    const tensors = weights.map(({ name, shape, dtype: code, quantization }): ForeignTensor => {
      const dtype = TYPES.get(code);
      const count = countOf(shape);
      if (dtype === undefined || quantization !== undefined) {
        const reason = `'${name}' is quantised or of the type ${code}; convert the model without`;
        throw source.refuse(FORMAT, 0, reason);
      }
      const from = at;
      if (count === null || from + count * sizeOfType(dtype) > bytes.length) {
        throw source.refuse(FORMAT, bytes.length, `its shards end before '${name}' does`);
      }
      at = from + count * sizeOfType(dtype);
      const to = at;
      return { name, shape, dtype, read: () => decode(bytes.subarray(from, to), dtype) };
    });
    if (at !== bytes.length) throw source.refuse(FORMAT, at, 'its shards go on behind its weights');
    return tensors;
  });
}

/** The tensors of all shards that an index names. @throws Fault 'damaged' */
export function readShards(
  beside: Neighbours,
  json: ReadonlyMap<string, unknown>,
): ForeignTensor[] {
  const { source } = beside;
  const map = v.safeParse(v.record(v.string(), v.string()), json.get('weight_map'));
  if (!map.success) throw source.refuse(INDEX, 0, 'its map of weights is malformed');
  const wanted = new Map(Object.entries(map.output));
  const files = [...new Set(wanted.values())].sort();
  const tensors = files.flatMap((name) =>
    beside
      .read(INDEX, name, (shard) => readHeader(shard).stored)
      .filter((stored) => wanted.get(stored.name) === name)
      .map((stored): ForeignTensor => {
        const read = () => beside.read(INDEX, name, (shard) => readStored(shard, stored));
        return { name: stored.name, shape: stored.shape, dtype: stored.dtype, read };
      }),
  );
  const missing = [...wanted.keys()].find(
    (name) => !tensors.some((tensor) => tensor.name === name),
  );
  if (missing !== undefined) throw source.refuse(INDEX, 0, `no shard holds '${missing}'`);
  return tensors;
}
