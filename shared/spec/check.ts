/**
 * From a schema to a checked value, or to one sentence that names the key, what was expected and
 * what it got.
 */

import * as v from 'valibot';
import { Fault } from '../fault';

/** How a value is shown in a message: short, and told apart by its type. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** Letters of a path that a message shows. */
const MOST_PATH = 200;

/** `variants.0.model.depth`, or '' at the root. */
function pathOf(issue: v.BaseIssue<unknown>): string {
  const path = (issue.path ?? []).map((item) => String(item.key)).join('.');
  return path.length > MOST_PATH ? `${path.slice(0, MOST_PATH)}…` : path;
}

/** The issue that says most: of a union, the one of the branch that came furthest. */
function deepest(issue: v.BaseIssue<unknown>): v.BaseIssue<unknown> {
  const inner = (issue.issues ?? []).map((item) => deepest(item));
  return inner.reduce(
    (best, item) => ((item.path?.length ?? 0) > (best.path?.length ?? 0) ? item : best),
    issue,
  );
}

const isOwnSentence = (message: string) => !message.startsWith('Invalid ');

function sentence(issue: v.BaseIssue<unknown>): string {
  if (isOwnSentence(issue.message)) return `must be ${issue.message}; got ${describe(issue.input)}`;
  if (issue.type === 'strict_object' && issue.expected === 'never') return 'is not a known key';
  const expected = issue.expected?.replaceAll('"', "'") ?? 'something else';
  if (issue.input === undefined) return 'is missing';
  return `must be ${expected}; got ${describe(issue.input)}`;
}

/** Values in an input up to which all that is wrong is looked at, to name what says most. */
const LOOKED_THROUGH = 10_000;

/** Whether `value` holds so few values that a list of everything wrong in it is short. */
function isShort(value: unknown): boolean {
  const rest = [value];
  for (let seen = 0; rest.length > 0; seen++) {
    const next = rest.pop();
    if (typeof next !== 'object' || next === null || ArrayBuffer.isView(next)) continue;
    const inner: readonly unknown[] = Array.isArray(next) ? next : Object.values(next);
    if (seen + rest.length + inner.length > LOOKED_THROUGH) return false;
    for (const item of inner) rest.push(item);
  }
  return true;
}

/**
 * The checked value of `input`. `place` is what the reader knows it by, a file or a flag.
 * @throws Fault 'bad-value' for the first thing that is wrong
 */
export function check<Schema extends v.GenericSchema>(
  schema: Schema,
  input: unknown,
  place: string,
): v.InferOutput<Schema> {
  // A million wrong entries are one fault, not a million.
  const result = v.safeParse(schema, input, { abortPipeEarly: true, abortEarly: !isShort(input) });
  if (result.success) return result.output;
  const issue = deepest(result.issues[0]);
  const path = pathOf(issue);
  throw new Fault('bad-value', `${place}: ${path === '' ? 'the whole' : path} ${sentence(issue)}`);
}

/** A whole number in a range, said in words. */
export const whole = (from: number, to: number) =>
  v.pipe(
    v.number(),
    v.check(
      (value) => Number.isInteger(value) && value >= from && value <= to,
      `a whole number from ${from} to ${to}`,
    ),
  );

/** A finite number in a closed range, said in words. */
export const between = (from: number, to: number) =>
  v.pipe(
    v.number(),
    v.check((value) => value >= from && value <= to, `a number from ${from} to ${to}`),
  );
