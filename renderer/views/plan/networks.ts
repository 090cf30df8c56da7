/** Which networks a plan holds. */

import type { StudyFile } from '../../../shared/spec/study';

/** Pairs of networks that are the same in every setting: whatever differs would be chance. */
export function sameNetworks(
  variants: readonly {
    readonly label: string;
    readonly model: unknown;
    readonly recipe: unknown;
    readonly weights: unknown;
    readonly surface: unknown;
  }[],
): (readonly [string, string])[] {
  const texts = variants.map(({ model, recipe, weights, surface }) =>
    JSON.stringify(weights ?? surface ?? [model, recipe]),
  );
  return texts.flatMap((text, i) => {
    const first = texts.indexOf(text);
    return first === i ? [] : [[variants[first].label, variants[i].label] as const];
  });
}

/** The file without the network called `name`, and without what was to be measured of it alone. */
export function withoutNetwork(file: StudyFile, name: string): StudyFile {
  return {
    ...file,
    variants: file.variants.filter((variant) => variant.name !== name),
    claims: file.claims.filter(({ subject, reference }) => subject !== name && reference !== name),
    scans: file.scans.flatMap((scan) => {
      const only = scan.only?.filter((one) => one !== name);
      if (only === undefined) return [scan];
      return only.length === 0 ? [] : [{ ...scan, only }];
    }),
  };
}
