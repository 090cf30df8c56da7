/**
 * Parity with tomgoldstein/loss-landscape: its networks, its directions, its images, its surfaces
 * (`test/oracle/peer_surfaces.py`), in one command each.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { parseOwn } from '../../main/engine/files';
import { takeSurface } from '../support/reader';
import { check } from '../../shared/spec/check';
import { ForeignSurface } from '../../shared/spec/foreign-surface';

const PEER = 'test/oracle/peer';
const scratch = mkdtempSync(join(tmpdir(), 'isocurve-peer-'));
const env = { ...process.env, ISOCURVE_DATASETS: join(scratch, 'datasets') };
const isocurve = (...args: string[]) =>
  execFileSync(process.execPath, ['dist/cli.js', ...args], { env, encoding: 'utf8' });

beforeAll(() => {
  const images = join(PEER, 'cifar-10-batches-py');
  isocurve('dataset', 'add', images, '--name', 'peer-test', '--test-share', '0');
});

/** Either file as it is read by whoever brings a surface of another tool. */
async function surfaceIn(file: string): Promise<ForeignSurface> {
  const { path } = await takeSurface(file);
  return check(ForeignSurface, parseOwn(readFileSync(path, 'utf8')), path);
}

/** With the highest loss that has to be met. */
const NETS: [string, string, number][] = [
  ['resnet20', 'projection', 500],
  ['resnet20_noshort', 'none', 600],
  ['resnet56_noshort', 'none', 1e4],
];

test.each(NETS)("the surface of %s is the peer's at every point", async (net, skip, highest) => {
  const out = join(scratch, `${net}.h5`);
  const directions = join(PEER, `${net}_directions.h5`);
  const flags = ['--dataset', 'peer-test', '--normalise', 'loss-landscape', '--skip', skip];
  const places = ['--out', out, '--study', join(scratch, net)];
  const which = ['--directions', directions, '--grid', '5', '--bn', 'frozen'];
  isocurve('scan', join(PEER, `${net}.t7`), ...flags, ...which, ...places, '--no-figures');
  const [ours, theirs] = [await surfaceIn(out), await surfaceIn(join(PEER, `${net}_surface.h5`))];
  expect([ours.x, ours.y]).toEqual([theirs.x, theirs.y]);
  const off = theirs.losses.map((loss, i) => Math.abs(ours.losses[i] - loss) / loss);
  expect(Math.max(...off)).toBeLessThan(1e-4);
  expect(Math.max(...theirs.losses)).toBeGreaterThan(highest);
  const wrong = theirs.accuracies!.map((share, i) => Math.abs(ours.accuracies![i] - share));
  expect(Math.max(...wrong)).toBeLessThanOrEqual(1 / 96 + 1e-9);
});
