import { describe, expect, test } from 'vitest';
import { presetNames, resolveStudy } from '../../main/cli/study-file';
import { decidesBy, scansVariant, type Study } from '../../shared/spec/study';
import { FEWEST_TESTED, decide } from '../../shared/spec/verdict';
import { planeOf, runOf } from '../support/outcomes';

const presets = presetNames();
const nets = ({ variants }: Study, names: readonly string[]) =>
  variants.filter(({ name }) => names.includes(name));

describe.each(presets)('the preset %s', (name) => {
  test('decides: it has seeds enough for the exact test, and claims in a fixed order', async () => {
    const study = await resolveStudy(name, {});
    expect(study.name).toBe(name);
    expect(study.seeds.length).toBeGreaterThanOrEqual(FEWEST_TESTED);
    expect(study.claims.length).toBeGreaterThan(0);
    expect(study.question).toMatch(/\?$/);
  });

  test('names the scan of every claim about a surface, made around both networks', async () => {
    const study = await resolveStudy(name, {});
    for (const { rule, scan, subject, reference, claim } of study.claims) {
      if (rule === 'faster') continue;
      const found = study.scans.find((one) => one.name === scan);
      expect([claim, found && decidesBy(rule, found)]).toEqual([claim, true]);
      expect([subject, reference].every((one) => scansVariant(found!, one))).toBe(true);
    }
  });

  test('decides how smooth a surface is where statistics are those of the images', async () => {
    const { claims, scans } = await resolveStudy(name, {});
    for (const { rule, scan, claim } of claims) {
      if (rule !== 'smoother' || /frozen/.test(claim)) continue;
      expect(scans.find((one) => one.name === scan)!.bn).toBe('batch');
    }
  });

  test('compares networks at equal training loss where it says so', async () => {
    const study = await resolveStudy(name, {});
    for (const { claim, subject, reference } of study.claims) {
      if (!/same (training )?loss/.test(claim)) continue;
      const losses = nets(study, [subject, reference]).map(({ recipe }) => recipe.until?.loss);
      expect([claim, new Set(losses).size, losses[0]]).toEqual([claim, 1, expect.any(Number)]);
    }
  });

  test('looked at quickly, trains one seed as it is asked for, and observes', async () => {
    const [whole, quick] = [
      await resolveStudy(name, {}),
      await resolveStudy(name, { quick: true }),
    ];
    expect(quick.seeds).toEqual(whole.seeds.slice(0, 1));
    expect(quick.variants.map(({ recipe }) => recipe)).toEqual(
      whole.variants.map(({ recipe }) => recipe),
    );
    for (const { x, subset } of quick.scans) {
      expect(x.points).toBeLessThanOrEqual(17);
      expect(subset).toBeLessThanOrEqual(128);
    }
    const runs = quick.variants.map((variant, i) => runOf(variant.name, 1, { stepsTo03: 40 + i }));
    const surfaces = quick.scans.flatMap((scan) =>
      quick.variants.map((variant, i) => ({
        ...planeOf(variant.name, 1, 0.1 * (i + 1)),
        scan: scan.name,
      })),
    );
    for (const { verdict, rule } of decide(quick, { runs, surfaces })) {
      if (rule !== 'perpendicular') expect(verdict).toBe('observed');
    }
  });

  test('trains one seed, or more than its own, where the flag says so', async () => {
    const { seeds } = await resolveStudy(name, { seeds: '1', quick: true });
    expect(seeds).toEqual([1]);
    expect((await resolveStudy(name, { seeds: '7' })).seeds).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });
});

test('a length that the flag asks for is that of every network, whatever each says itself', async () => {
  const { variants } = await resolveStudy('skip', { epochs: '3' });
  expect(variants.map(({ recipe: { epochs, until } }) => [epochs, until])).toEqual([
    [3, null],
    [3, null],
    [3, null],
  ]);
});
