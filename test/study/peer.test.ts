/**
 * Parity with tomgoldstein/loss-landscape: its networks, its directions, its images, its surfaces
 * (`test/oracle/peer_surfaces.py`), in one command each.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { readSurfaceFile } from '../../main/engine/surface/hdf5';

const PEER = 'test/oracle/peer';
const scratch = mkdtempSync(join(tmpdir(), 'isocurve-peer-'));
const env = { ...process.env, ISOCURVE_CACHE: join(scratch, 'cache') };
const isocurve = (...args: string[]) =>
  execFileSync(process.execPath, ['dist/cli.js', ...args], { env, encoding: 'utf8' });

beforeAll(() => {
  // The backend that is there already is used; only the datasets are this test's own.
  env.ISOCURVE_CACHE = process.env['ISOCURVE_CACHE'] ?? '';
  if (env.ISOCURVE_CACHE === '') delete (env as Partial<typeof env>).ISOCURVE_CACHE;
  const images = join(PEER, 'cifar-10-batches-py');
  isocurve('dataset', 'add', images, '--name', 'peer-test', '--test-share', '0');
});

const NETS: [string, string, string][] = [
  ['resnet20', 'projection', '7'],
  ['resnet20_noshort', 'none', '7'],
  ['resnet56_noshort', 'none', '5'],
];

test.each(NETS)("the surface of %s is the peer's at every point", async (net, skip, grid) => {
  const out = join(scratch, `${net}.h5`);
  const directions = join(PEER, `${net}_directions.h5`);
  const flags = ['--dataset', 'peer-test', '--normalise', 'loss-landscape', '--skip', skip];
  const places = ['--out', out, '--study', join(scratch, net)];
  const which = ['--directions', directions, '--grid', grid, '--bn', 'frozen'];
  isocurve('scan', join(PEER, `${net}.t7`), ...flags, ...which, ...places);
  const [ours, theirs] = [
    await readSurfaceFile(out),
    await readSurfaceFile(join(PEER, `${net}_surface.h5`)),
  ];
  expect(ours.x).toEqual(theirs.x);
  expect(ours.y).toEqual(theirs.y);
  const off = theirs.losses.map((loss, i) => Math.abs(ours.losses[i] - loss) / loss);
  expect(Math.max(...off)).toBeLessThan(1e-4);
  expect(Math.max(...theirs.losses)).toBeGreaterThan(1000);
  const wrong = theirs.accuracies.map((share, i) => Math.abs(ours.accuracies[i] - share));
  expect(Math.max(...wrong)).toBeLessThanOrEqual(1 / 160 + 1e-9);
});
