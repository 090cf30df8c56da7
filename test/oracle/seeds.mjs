/**
 * Twelve seeds of one network, in numbers: writes seeds.json beside itself from the results of
 *   npm run isocurve -- compare test/oracle/seeds-study.json --out FOLDER --no-figures
 *   node test/oracle/seeds.mjs FOLDER
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const { runs, surfaces } = JSON.parse(readFileSync(join(process.argv[2], 'results.json'), 'utf8'));
const seeds = runs.map(({ seed, summary }) => {
  const own = surfaces.filter((surface) => surface.seed === seed);
  const planes = own.filter(({ scan }) => scan === 'plane');
  return {
    seed,
    trained: summary.trained,
    trainLoss: summary.trainLoss,
    step: summary.step,
    stepsTo03: summary.stepsTo03,
    late: own.find(({ scan }) => scan === 'path').trajectory.late,
    misaligned: planes.map(({ metrics }) => metrics.misaligned),
    minima: planes.map(({ metrics }) => metrics.minima),
  };
});
writeFileSync(new URL('seeds.json', import.meta.url), `${JSON.stringify(seeds)}\n`);
