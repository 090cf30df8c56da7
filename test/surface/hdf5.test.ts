import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stream } from '../../main/engine/backend/random';
import { buildModel } from '../../main/engine/model/build';
import { readDirections } from '../../main/engine/direction/taken';
import { writeDirections, writeSurface } from '../../main/engine/surface/hdf5';
import { importsFolder } from '../../main/native/places';
import { takeDirections } from '../support/reader';
import { check } from '../../shared/spec/check';
import { ModelSpec } from '../../shared/spec/model';
import { emptySurface } from '../../shared/spec/surface';
import { oraclePath } from '../support/oracle';
import { readOracleSurface } from '../support/oracle-surface';

const model = buildModel(check(ModelSpec, { family: 'resnet', depth: 8, width: 2 }, 'm'), {
  inputShape: [8, 8, 1],
  classes: 3,
});
const folder = mkdtempSync(join(tmpdir(), 'hdf5-'));

test('directions come back as they were written', async () => {
  const directions = [1, 2].map((seed) => {
    const chance = stream(seed, 'direction');
    return Float32Array.from({ length: model.size }, () => chance.normal());
  });
  const path = join(folder, 'directions.h5');
  await writeDirections(path, directions, model.parameters);
  expect(readDirections(await takeDirections(path), model.parameters)).toEqual(directions);
});

test('a plane that is not square is written as meshgrid makes it: a row per y', async () => {
  const surface = emptySurface([0, 1, 2], [10, 20]);
  surface.losses.set([1, 2, 3, 4, 5, NaN]);
  surface.measured.fill(1);
  surface.measured[4] = 0;
  const path = join(folder, 'surface.h5');
  await writeSurface(path, surface, 'train');
  const read = await readOracleSurface(path);
  expect(read).toEqual({ x: [0, 1, 2], y: [10, 20], losses: [1, 2, 3, 4, NaN, NaN] });
});

test("another network's directions are refused by name and shape", async () => {
  const { path } = await takeDirections(oraclePath('resnet20-skip.h5'));
  expect(() => readDirections({ path, source: 'theirs.h5' }, model.parameters)).toThrow(
    /^theirs\.h5 does not fit this network: xdirection holds 65 tensors and the network has \d+$/,
  );
});

test('a file that holds none, and one that is not there, give one sentence each', async () => {
  const text = join(folder, 'text.h5');
  writeFileSync(text, 'not HDF5');
  await expect(takeDirections(text)).rejects.toThrow(/cannot be read as anything known/);
  await expect(takeDirections(oraclePath('resnet20-skip.safetensors'))).rejects.toThrow(
    /holds no directions: safetensors/,
  );
  const path = join(folder, 'none.h5');
  await expect(takeDirections(path)).rejects.toThrow(/there is no such file/);
  const gone = join(importsFolder(), 'none.safetensors');
  expect(() => readDirections({ path: gone }, model.parameters)).toThrow(/are gone from/);
});
