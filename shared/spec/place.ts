/**
 * Places on a disk that a call names. A schema says which of its values are such places and what
 * they are for; a host finds them there, looks where each leads, and hands on where it really is.
 */

import * as v from 'valibot';

/**
 * What a place is for: the folder of all studies, the folder of one, a file or folder that is read.
 */
export type PlaceRole = 'workspace' | 'studyFolder' | 'readableFile';

declare const named: unique symbol;
declare const real: unique symbol;

/** A path as it came over a wire: nobody has looked where it leads. */
export type NamedPath<Role extends PlaceRole = PlaceRole> = string & { readonly [named]: Role };

/**
 * A whole path that was looked at: it leads to where its namer may go. The guard of a host makes
 * one, and `usersOwn` for what users type on their own command line; a call opens no other.
 */
export type GuardedPath = string & { readonly [real]: true };

type Replaced<Value, Path> = [Value] extends [never]
  ? Value
  : Value extends NamedPath
    ? Path
    : Value;

/** Arguments as a client writes them. */
export type Asked<Args> = { [Key in keyof Args]: Replaced<Args[Key], string> };
/** Arguments whose places were looked at. */
export type Guarded<Args> = { [Key in keyof Args]: Replaced<Args[Key], GuardedPath> };

/** What a schema says of its value besides what it must be. */
interface Mark {
  readonly [key: string]: unknown;
  readonly place?: PlaceRole;
  readonly shape?: v.GenericSchema<unknown, unknown>;
}

/** Marks a schema's value as the path of a place. */
export const placeFor = (role: PlaceRole) => v.metadata<string, Mark>({ place: role });

/** Marks a value that another schema checks later as one that names its places already. */
export const shapedLike = (shape: v.GenericSchema<unknown, unknown>) =>
  v.metadata<unknown, Mark>({ shape });

/** An argument that names a place. */
export const place = <Role extends PlaceRole>(role: Role) =>
  v.pipe(
    v.string(),
    v.minLength(1),
    v.maxLength(4096),
    v.check((path) => !path.includes('\0'), 'a path without a null character'),
    placeFor(role),
    v.transform((path) => path as NamedPath<Role>),
  );

/** What of a schema tells where its places are. */
interface Shape {
  readonly kind: string;
  readonly type: string;
  readonly entries?: Readonly<Record<string, Shape>>;
  readonly item?: Shape;
  readonly wrapped?: Shape;
  readonly value?: Shape;
  readonly options?: readonly Shape[];
  readonly pipe?: readonly (Shape | { readonly type: 'metadata'; readonly metadata: Mark })[];
}

/** Kinds of schemas that hold no others. */
const LEAVES: readonly string[] = [
  'any',
  'bigint',
  'boolean',
  'custom',
  'instance',
  'literal',
  'never',
  'null',
  'number',
  'picklist',
  'string',
  'unknown',
];

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is made of the path of a place. */
export type Change = (role: PlaceRole, path: string) => string;

/** `value` with each key of `keys` mapped, where it has it. */
function mapKeys(
  value: unknown,
  keys: readonly string[],
  map: (key: string, item: unknown) => unknown,
): unknown {
  if (!isRecord(value)) return value;
  const present = keys.filter((key) => Object.hasOwn(value, key));
  return { ...value, ...Object.fromEntries(present.map((key) => [key, map(key, value[key])])) };
}

/** What lies within a schema of a kind that holds others. */
function mapWithin(shape: Shape, value: unknown, change: Change): unknown {
  switch (shape.type) {
    case 'object':
    case 'strict_object': {
      const entries = shape.entries!;
      return mapKeys(value, Object.keys(entries), (key, item) => walk(entries[key], item, change));
    }
    case 'record': {
      const keys = isRecord(value) ? Object.keys(value) : [];
      return mapKeys(value, keys, (_key, item) => walk(shape.value!, item, change));
    }
    case 'array':
      return Array.isArray(value) ? value.map((item) => walk(shape.item!, item, change)) : value;
    case 'optional':
    case 'nullable':
      return walk(shape.wrapped!, value, change);
    case 'union':
    case 'variant':
      return shape.options!.reduce((mapped, option) => walk(option, mapped, change), value);
    default:
      if (LEAVES.includes(shape.type)) return value;
      throw new Error(`places are not looked for within a schema of kind '${shape.type}'`);
  }
}

function walk(shape: Shape, value: unknown, change: Change): unknown {
  if (shape.pipe === undefined) return mapWithin(shape, value, change);
  return shape.pipe.reduce<unknown>((mapped, item) => {
    if ('kind' in item && item.kind === 'schema') return walk(item as Shape, mapped, change);
    return 'metadata' in item ? mapMarked(item.metadata, mapped, change) : mapped;
  }, value);
}

/** What a mark of a schema says of its value. */
function mapMarked({ place: role, shape }: Mark, value: unknown, change: Change): unknown {
  if (role !== undefined) return typeof value === 'string' ? change(role, value) : value;
  return shape === undefined ? value : mapPlaces(shape, value, change);
}

/**
 * `value` with every place that `schema` marks changed. Looks into what does not keep to the schema
 * as well: nothing that is named where a place may stand is passed over.
 */
export const mapPlaces = (
  schema: v.GenericSchema<unknown, unknown>,
  value: unknown,
  change: Change,
): unknown => walk(schema as unknown as Shape, value, change);

/** Keys of what `schema` describes whose values are shaped like `shape`. */
export function keysShapedLike(
  schema: v.GenericSchema<unknown, unknown>,
  shape: v.GenericSchema<unknown, unknown>,
): string[] {
  const { entries = {} } = schema as unknown as Shape;
  const isMarked = ({ pipe = [] }: Shape) =>
    pipe.some((item) => 'metadata' in item && item.metadata.shape === shape);
  return Object.keys(entries).filter((key) => isMarked(entries[key]));
}
