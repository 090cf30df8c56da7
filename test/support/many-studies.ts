/** A workspace of many finished studies, written without training anything. */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openJournal } from '../../main/engine/surface/journal';
import { openStudy } from '../../main/engine/workspace';
import { checkStudy } from '../../shared/spec/study';

const SIDE = 15;
const axis = Array.from({ length: SIDE }, (_, i) => -1 + (2 * i) / (SIDE - 1));
const VARIANTS = ['plain', 'skip'];
const SCANS = ['line', 'plane'];

const headOf = (variant: string, scan: string) => ({
  id: `${variant}-s1.${scan}-d1`,
  run: `${variant}-s1`,
  variant,
  seed: 1,
  scan,
  kind: 'random',
  directionSeed: 1,
  x: axis,
  y: scan === 'line' ? null : axis,
  split: 'train',
  images: 128,
  bn: 'frozen',
});

/** Writes the parts of one variant into `folder`. */
function writeVariant(folder: string, variant: string, k: number): void {
  const write = (path: string, content: unknown) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), JSON.stringify(content));
  };
  const run = `${variant}-s1`;
  write(`runs/${run}/manifest.json`, { id: run });
  for (const name of ['metrics.jsonl', 'epochs.jsonl', 'trial.json']) {
    write(`runs/${run}/${name}`, 'x'.repeat(500));
  }
  write(`runs/${run}/path.json`, { steps: [0, 10, 20], x: [2, 1, 0], y: [0, 1, 0], explained: [] });
  for (const step of ['000000', '000010', '000020']) {
    write(`checkpoints/${run}/step-${step}.safetensors`, 'x'.repeat(1000));
  }
  for (const scan of SCANS) {
    const head = headOf(variant, scan);
    write(`directions/${head.id}/directions.h5`, 'x'.repeat(1000));
    const part = `surfaces/${head.id}`;
    for (const name of ['head.json', 'manifest.json']) write(`${part}/${name}`, head);
    for (const name of ['surface.h5', 'surface.csv']) write(`${part}/${name}`, 'x'.repeat(1000));
    const journal = openJournal(join(folder, part, 'journal.bin'), head.id);
    const cells = scan === 'line' ? SIDE : SIDE * SIDE;
    journal.append(
      Array.from({ length: cells }, (_, cell) => {
        const [x, y] = [axis[cell % SIDE], axis[Math.floor(cell / SIDE)]];
        const loss = 0.1 + x * x + y * y + 0.3 * k * Math.sin(9 * x) ** 2;
        return { cell, loss, accuracy: 0.9, standardError: 0.01 };
      }),
    );
    journal.close();
  }
}

/** One study in `folder`, as if it had been trained, scanned and found complete. */
export function writeStudy(folder: string, name: string): void {
  const model = (skip: string) => ({ family: 'resnet', depth: 8, width: 2, skip });
  const study = {
    name,
    question: 'Do skip connections make the loss surface smoother?',
    variants: [
      { name: 'plain', label: 'ResNet-8, no skips', model: model('none') },
      { name: 'skip', label: 'ResNet-8, skips', model: model('projection') },
    ],
    scans: SCANS.map((scan) => ({
      name: scan,
      directions: { kind: 'random', axes: scan === 'line' ? 1 : 2 },
    })),
  };
  openStudy(folder, checkStudy(study, name));
  VARIANTS.forEach((variant, k) => writeVariant(folder, variant, k));
  const json = (path: string, content: unknown) =>
    writeFileSync(join(folder, path), JSON.stringify(content));
  json('annotations.json', { note: '', tags: ['many'] });
  json('manifest.json', {
    dataset: { hash: 'of-nothing' },
    sittings: [{ started: '2025-01-01T00:00:00.000Z' }],
  });
  const runs = VARIANTS.map((_, k) => ({ summary: { testAccuracy: 0.9 + k / 20 } }));
  json('results.json', { complete: true, runs, surfaces: [], claims: [] });
}

/** The files under `folder` with their content. */
function filesIn(folder: string): [path: string, content: Buffer][] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [path.slice(folder.length + 1), readFileSync(path)]);
}

/** Makes `count` studies under `workspace`: study-0000, study-0001, … */
export function writeStudies(workspace: string, count: number): void {
  const template = join(mkdtempSync(join(tmpdir(), 'isocurve-template-')), 'study');
  writeStudy(template, 'many');
  const files = filesIn(template);
  const folders = [...new Set(files.map(([path]) => dirname(path)))];
  for (let i = 0; i < count; i++) {
    const folder = join(workspace, `study-${String(i).padStart(4, '0')}`);
    for (const path of folders) mkdirSync(join(folder, path), { recursive: true });
    for (const [path, content] of files) writeFileSync(join(folder, path), content);
  }
  rmSync(dirname(template), { recursive: true });
}
