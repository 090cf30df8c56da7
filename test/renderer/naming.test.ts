import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { problemOf } from '../../renderer/state/plan-problem';
import { claimFrom, labelFrom, withLabel, withSetting } from '../../renderer/views/plan/naming';
import { sameNetworks, withoutNetwork } from '../../renderer/views/plan/networks';
import { toFault } from '../../shared/fault';
import { checkStudy, type StudyFile } from '../../shared/spec/study';

const depth = { part: 'model', key: 'depth' } as const;
const skip = { part: 'model', key: 'skip' } as const;

/** Two networks at depth 56 that a claim compares, as presets write them. */
const deep = checkStudy(
  {
    name: 'skip',
    question: 'Are skips smoother?',
    variants: [
      { name: 'r56-skip', label: 'ResNet-56, skips', model: { depth: 56, skip: 'projection' } },
      { name: 'r56-plain', label: 'ResNet-56, no skips', model: { depth: 56, skip: 'none' } },
    ],
    scans: [
      { name: 'plane', directions: { kind: 'random' }, x: {}, y: {}, only: ['r56-skip'] },
      {
        name: 'between',
        directions: {
          kind: 'between',
          from: { variant: 'r56-skip', step: 'last' },
          to: { variant: 'r56-plain', step: 'last' },
        },
        x: {},
      },
    ],
    claims: [
      {
        claim: 'skips make the surface smoother at depth 56',
        rule: 'smoother',
        subject: 'r56-skip',
        reference: 'r56-plain',
      },
    ],
  },
  'deep',
).file;

test('a depth that is changed changes label, name, claim, and whatever names the network', () => {
  const once = withSetting(deep, 0, depth, 20);
  expect(once.variants[0]).toMatchObject({ name: 'r20-skip', label: 'ResNet-20, skips' });
  expect(once.variants[1]).toEqual(deep.variants[1]);
  expect(once.scans[0].only).toEqual(['r20-skip']);
  expect(once.scans[1].directions).toMatchObject({ from: { variant: 'r20-skip' } });
  const both = withSetting(once, 1, depth, 20);
  expect(both.claims[0].claim).toBe(
    'ResNet-20, skips: a smoother surface than ResNet-20, no skips',
  );
  expect(JSON.stringify(both)).not.toMatch(/\D56/);
  expect(checkStudy(both, 'both').variants.map(({ label }) => label)).toEqual([
    'ResNet-20, skips',
    'ResNet-20, no skips',
  ]);
});

test('typed letter by letter, a number ends where it would in one go', () => {
  const typed = ['5', '', '2', '20'].reduce<StudyFile>(
    (file, text) => withSetting(file, 0, depth, text === '' ? undefined : Number(text)),
    deep,
  );
  expect(typed.variants[0].label).toBe('ResNet-20, skips');
  expect(typed.variants[0].model).toEqual({ depth: 20, skip: 'projection' });
});

test('taking skips away is said in label and name', () => {
  const plain = withSetting(withLabel(deep, 1, 'the other'), 0, skip, 'none');
  expect(plain.variants[0].label).toBe('ResNet-56, no skips');
  // The other network has the name already.
  expect(plain.variants[0].name).toBe('r56-skip');
  expect(withSetting(deep, 1, skip, 'projection').variants[1].label).toBe('ResNet-56, skips');
});

test('what a label did not say before it says once it is set, and no more once it is not', () => {
  const activation = { part: 'model', key: 'activation' } as const;
  const set = withSetting(deep, 0, activation, 'tanh');
  expect(set.variants[0].label).toBe('ResNet-56, skips, tanh');
  expect(withSetting(set, 0, activation, undefined).variants[0].label).toBe('ResNet-56, skips');
  const batches = withLabel(deep, 0, 'ResNet-56, batch 32, same loss');
  const wide = { part: 'model', key: 'width' } as const;
  const wider = withSetting(batches, 0, wide, 16);
  expect(wider.variants[0].label).toBe('ResNet-56, batch 32, same loss, width 16');
  expect(withSetting(wider, 0, wide, 4).variants[0].label).toBe(
    'ResNet-56, batch 32, same loss, width 4',
  );
});

test('a label written by hand stays, and a claim of it by its rule follows it', () => {
  const mine = withLabel(deep, 0, 'Mine');
  expect(mine.claims[0].claim).toBe('skips make the surface smoother at depth 56');
  const changed = withSetting(mine, 0, depth, 20);
  expect(changed.variants[0].label).toBe('Mine');
  expect(changed.claims[0].claim).toBe('Mine: a smoother surface than ResNet-56, no skips');
  expect(withLabel(changed, 0, 'Ours').claims[0].claim).toBe(
    claimFrom('smoother', 'Ours', 'ResNet-56, no skips'),
  );
});

test('in every preset a changed setting leaves no name that tells the old one', () => {
  const folder = join('assets', 'presets');
  for (const name of readdirSync(folder)) {
    const { file } = checkStudy(JSON.parse(readFileSync(join(folder, name), 'utf8')), name);
    file.variants.forEach((variant, i) => {
      for (const part of ['model', 'recipe'] as const) {
        for (const [key, value] of Object.entries(variant[part])) {
          const says = new RegExp(`(?<![\\d.])${String(value)}(?![\\d.])`);
          if (typeof value !== 'number' || !says.test(variant.label ?? '')) continue;
          const next = withSetting(file, i, { part, key }, 1234567);
          const { label } = next.variants[i];
          expect(label, `${name} ${key}`).not.toMatch(says);
          expect(label).toContain('1234567');
        }
      }
    });
  }
});

test('two networks that are the same are told, and no others', () => {
  const { variants } = checkStudy(
    {
      ...deep,
      scans: [],
      claims: [],
      variants: [...deep.variants, { ...deep.variants[0], name: 'again', label: 'Again' }],
    },
    'three',
  );
  expect(sameNetworks(variants)).toEqual([['ResNet-56, skips', 'Again']]);
  expect(sameNetworks(checkStudy(deep, 'deep').variants)).toEqual([]);
});

test('a network that is removed takes its claims and its own scans along', () => {
  const left = withoutNetwork({ ...deep, scans: deep.scans.slice(0, 1) }, 'r56-skip');
  expect(checkStudy(left, 'left')).toMatchObject({ claims: [], scans: [] });
});

test("what the study's check refuses is told of the field and marked there", () => {
  const problem = (file: StudyFile) => {
    try {
      checkStudy(file, 'study');
    } catch (error) {
      return problemOf(toFault(error).message.replace(/^study: /, ''), file);
    }
    return null;
  };
  expect(problem(withSetting(deep, 1, depth, 57))).toEqual({
    text: 'Depth of ResNet-57, no skips must be 6n+2: 8, 14, 20, 26…; got 57',
    at: { variant: 1, part: 'model', key: 'depth' },
  });
  const base = { ...deep, base: { model: {}, recipe: { batch: 0 } } };
  expect(problem(base)).toEqual({
    text: 'Batch must be a whole number from 1 to 65536; got 0',
    at: { variant: null, part: 'recipe', key: 'batch' },
  });
  expect(problem({ ...deep, name: 'My study' })?.at).toMatchObject({ part: 'study', key: 'name' });
  const points = deep.scans.map((scan) => ({ ...scan, x: { ...scan.x, points: 0 } }));
  expect(problem({ ...deep, scans: points })?.text).toMatch(/^Points of scan 'plane' must be/);
  expect(problem(deep)).toBeNull();
});

test('the label of a network is made of its family, its depth and what it sets for itself', () => {
  const file = { ...deep, base: { model: { depth: 44 }, recipe: {} } };
  const variant = (model: Record<string, unknown>, recipe: Record<string, unknown> = {}) => ({
    name: 'x',
    model,
    recipe,
  });
  expect(labelFrom(file, variant({ skip: 'none' }))).toBe('ResNet-44, no skips');
  expect(labelFrom(deep, variant({ family: 'vgg' }, { weightDecay: 0 }))).toBe('VGG-9, decay 0');
  expect(labelFrom(deep, variant({ family: 'mlp', blocks: 4, width: 8 }))).toBe(
    'MLP of 4 blocks, width 8',
  );
});
