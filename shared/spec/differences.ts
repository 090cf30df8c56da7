/** What differs between the variants of a study, and what is held equal. */

import { listText } from '../text';
import type { Study } from './study';

export interface Setting {
  /** `model.depth`, `recipe.batch` */
  readonly key: string;
  /** One text per variant. */
  readonly values: readonly string[];
  readonly differs: boolean;
}

/** Lists of more are counted. */
const MOST_ITEMS = 8;

const textOf = (value: unknown): string =>
  Array.isArray(value) && value.length > MOST_ITEMS
    ? `${value.length} in a list`
    : Array.isArray(value)
      ? listText(value.map(textOf))
      : typeof value === 'object' && value !== null
        ? Object.entries(value)
            .map(([key, item]) => (key === 'kind' ? String(item) : `${key} ${textOf(item)}`))
            .join(', ')
        : String(value);

/** Stands where a variant has no such setting. */
const NOTHING = '–';

/** Every setting of the variants, those that differ first; without those that none has. */
export function settingsOf({ variants }: Pick<Study, 'variants'>): Setting[] {
  const settings = (['model', 'recipe'] as const).flatMap((part) => {
    const keys = [...new Set(variants.flatMap((variant) => Object.keys(variant[part])))];
    return keys.map((key) => {
      const values = variants.map((variant) => {
        // How imported weights were trained is not known.
        if (part === 'recipe' && variant.weights !== null) return NOTHING;
        if (variant.surface !== null) return NOTHING;
        if (part === 'recipe' && key === 'epochs' && variant.recipe.until !== null) return NOTHING;
        return textOf((variant[part] as Readonly<Record<string, unknown>>)[key] ?? NOTHING);
      });
      return { key: `${part}.${key}`, values, differs: new Set(values).size > 1 };
    });
  });
  const had = settings.filter(({ values }) => values.some((value) => value !== NOTHING));
  return had.sort((a, b) => Number(b.differs) - Number(a.differs));
}
