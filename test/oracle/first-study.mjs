/**
 * Writes assets/first-study.json, what the first study comes to, from one that was run:
 * `isocurve compare skip --out FOLDER && node test/oracle/first-study.mjs FOLDER`
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder] = process.argv.slice(2);
const read = (path) => readFileSync(join(folder, path), 'utf8');
const study = JSON.parse(read('study.json'));
const results = JSON.parse(read('results.json'));
const { sittings } = JSON.parse(read('manifest.json'));
const [claim] = results.claims;
const seed = study.seeds[0];

const panels = study.variants.map(({ name, label }) => {
  const surface = join('surfaces', `${name}-s${seed}.${claim.scan}-d1`);
  const head = JSON.parse(read(join(surface, 'head.json')));
  const [, ...rows] = read(join(surface, 'surface.csv')).trim().split('\n');
  const losses = rows.map((row) => Number(Number(row.split(',')[2]).toPrecision(4)));
  return { label, head, losses };
});
const content = {
  question: study.question,
  made: sittings[0].started.slice(0, 10),
  seed,
  seeds: study.seeds.length,
  classes: 10,
  claim: { claim: claim.claim, verdict: claim.verdict, because: claim.because },
  panels,
};
writeFileSync('assets/first-study.json', `${JSON.stringify(content)}\n`);
