/**
 * Which tensor of a file is which of a network: first by name, then by order among those of one
 * shape. What does not fit is left and named; nothing is ever cut, padded or made up.
 */

import { isCounter, ourName, unwrapped } from './names';

/** Whose axes: PyTorch's [out, in, h, w] and [out, in], or Keras' and ours [h, w, in, out]. */
export type AxisOrder = 'torch' | 'ours';

interface Named {
  readonly name: string;
  readonly shape: readonly number[];
}

export interface Pair {
  /** Of the network. */
  readonly name: string;
  /** Of the file. */
  readonly from: string;
  readonly order: AxisOrder;
  readonly by: 'name' | 'order' | 'hand';
}

export interface Match {
  readonly pairs: readonly Pair[];
  /** Tensors of the network without one in the file. */
  readonly missing: readonly Named[];
  /** Tensors of the file that nothing asked for. */
  readonly left: readonly Named[];
}

/** Our shape in PyTorch's order of axes. */
const inTorch = (shape: readonly number[]): number[] =>
  shape.length < 2
    ? [...shape]
    : [shape[shape.length - 1], shape[shape.length - 2], ...shape.slice(0, -2)];

const same = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((length, i) => length === b[i]);

/** The orders of axes in which a tensor of the file has the shape that is wanted. */
function ordersOf(wanted: readonly number[], found: readonly number[]): AxisOrder[] {
  const orders: AxisOrder[] = [];
  if (same(inTorch(wanted), found)) orders.push('torch');
  if (same(wanted, found)) orders.push('ours');
  return orders;
}

/** The order that most tensors can only have; square ones go with them. */
function commonOrder(wanted: readonly Named[], file: readonly Named[]): AxisOrder {
  const shapes = wanted.filter(({ shape }) => shape.length > 1);
  const votes = (order: AxisOrder) =>
    shapes.filter(({ shape }) =>
      file.some((tensor) => {
        const orders = ordersOf(shape, tensor.shape);
        return orders.length === 1 && orders[0] === order;
      }),
    ).length;
  return votes('ours') > votes('torch') ? 'ours' : 'torch';
}

/**
 * Pairs the tensors of a network, in its order, with those of a file. `mapping` names the file's
 * tensor for some of them by hand.
 */
export function matchTensors(
  wanted: readonly Named[],
  file: readonly Named[],
  mapping: ReadonlyMap<string, string> = new Map(),
): Match {
  const known = file.filter(({ name }) => !isCounter(name));
  const bare = unwrapped(known.map(({ name }) => name));
  const names = bare.map(ourName);
  const order = commonOrder(wanted, known);
  const fits = (shape: readonly number[], i: number) =>
    ordersOf(shape, known[i].shape).includes(order);
  const taken = new Set<number>();
  const pairs = new Map<string, Pair>();
  const take = (name: string, i: number, by: Pair['by']) => {
    taken.add(i);
    pairs.set(name, { name, from: known[i].name, order, by });
  };
  for (const { name, shape } of wanted) {
    const asked = mapping.get(name);
    const i = known.findIndex((tensor) => tensor.name === asked);
    if (asked !== undefined && i >= 0 && fits(shape, i)) take(name, i, 'hand');
  }
  for (const { name, shape } of wanted) {
    // As it stands, before it is read by anybody's custom.
    const exact = bare.indexOf(name);
    const i = exact >= 0 ? exact : names.indexOf(name);
    if (!pairs.has(name) && i >= 0 && !taken.has(i) && fits(shape, i)) take(name, i, 'name');
  }
  // By order only where names say nothing at all: a half-named network is not to be guessed at.
  const rest = wanted.filter(({ name }) => !pairs.has(name));
  const free = known.map((_, i) => i).filter((i) => !taken.has(i));
  if (pairs.size === mapping.size) pairInOrder(rest, free, known, order, take);
  return {
    pairs: wanted.flatMap(({ name }) => pairs.get(name) ?? []),
    missing: wanted.filter(({ name }) => !pairs.has(name)),
    left: known.filter((_, i) => !taken.has(i)),
  };
}

/** What a tensor is for, as far as its name says: statistics stand apart from what is trained. */
const isStatistic = (name: string): boolean => /running_(mean|variance)$/.test(name);

/** Tensors of one shape and purpose go together in the order in which both sides have them. */
function pairInOrder(
  wanted: readonly Named[],
  free: readonly number[],
  file: readonly Named[],
  order: AxisOrder,
  take: (name: string, i: number, by: Pair['by']) => void,
): void {
  const key = (statistic: boolean, shape: readonly number[]) => `${statistic} ${shape.join('×')}`;
  const queues = new Map<string, number[]>();
  for (const i of free) {
    const { name, shape } = file[i];
    const place = key(isStatistic(ourName(name)), shape);
    queues.set(place, [...(queues.get(place) ?? []), i]);
  }
  for (const { name, shape } of wanted) {
    const queue = queues.get(key(isStatistic(name), order === 'torch' ? inTorch(shape) : shape));
    const i = queue?.shift();
    if (i !== undefined) take(name, i, 'order');
  }
}
