/**
 * Brings libtensorflow and tfjs-node's binding to this machine, once per user and version: the
 * wheel through pip with
 * its hashes checked, the two libraries and the headers out of it, the binding compiled. Every step
 * is skipped when its
 * result is there, so that an interrupted set-up goes on where it stopped. Tried on Linux x64 only.
 */

import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { asset, cacheFolder, outsideArchive } from './places';
import { findCompiler, findPython, probe, run } from './tools';

const require = createRequire(import.meta.url);

export type Build = 'cpu' | 'cuda';

/** Bytes that each build downloads: what the progress is measured against. */
const DOWNLOAD_BYTES = { cpu: 274e6, cuda: 3.1e9 } as const;
const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
const PLATFORMS = [
  'manylinux_2_28',
  'manylinux_2_27',
  'manylinux_2_17',
  'manylinux2014',
  'manylinux2010',
];

export interface Progress {
  readonly step: 'download' | 'unpack' | 'compile';
  /** From 0 to 1 within the step; null: unknown. */
  readonly share: number | null;
}

/** A ready tensorflow tier. */
export interface Provision {
  readonly build: Build;
  readonly binding: string;
  /** Folders of the CUDA libraries, for the loader's search path. */
  readonly libraryFolders: readonly string[];
}

/** Why the tier cannot be had here, as one sentence with the way out. */
export class Unavailable extends Error {}

const requirements = (build: Build) => outsideArchive(asset(`native/${build}.txt`));

/** Names the folder by what it is made from, so that a new version never meets an old library. */
function folderOf(build: Build): string {
  const { version } = require('@tensorflow/tfjs-node-gpu/package.json') as { version: string };
  const content = createHash('sha256')
    .update(readFileSync(requirements(build)))
    .update(version);
  return join(cacheFolder(), 'tensorflow', `${build}-${content.digest('hex').slice(0, 12)}`);
}

const libraryFoldersOf = (folder: string): string[] => {
  const nvidia = join(folder, 'nvidia');
  if (!existsSync(nvidia)) return [];
  return readdirSync(nvidia)
    .map((name) => join(nvidia, name, 'lib'))
    .filter((path) => existsSync(path));
};

/** The provision of `build` if it is complete, without touching the network. */
export function findProvision(build: Build): Provision | null {
  const folder = folderOf(build);
  const binding = join(folder, 'tfjs_binding.node');
  if (!existsSync(binding)) return null;
  return { build, binding, libraryFolders: libraryFoldersOf(folder) };
}

/** Deletes what was provisioned. */
export function removeProvisions(): void {
  rmSync(join(cacheFolder(), 'tensorflow'), { recursive: true, force: true });
}

/** Bytes under a folder; files may vanish while it is read. */
function bytesUnder(folder: string): number {
  let total = 0;
  for (const entry of existsSync(folder) ? readdirSync(folder, { withFileTypes: true }) : []) {
    const path = join(folder, entry.name);
    try {
      total += entry.isDirectory() ? bytesUnder(path) : statSync(path).size;
    } catch {
      continue; // pip moved it meanwhile
    }
  }
  return total;
}

/**
 * Downloads the wheels of `build` into `into`. pip checks their hashes; finished wheels are not
 * fetched again.
 */
async function download(
  python: string,
  build: Build,
  into: string,
  onProgress: (progress: Progress) => void,
  signal?: AbortSignal,
): Promise<void> {
  const draft = join(into, 'downloading');
  mkdirSync(draft, { recursive: true });
  const version = (await probe(python, ['-m', 'pip', '--version']))?.match(/pip (\d+)\.(\d+)/);
  // pip learnt in 25.1 to go on with a broken download.
  const canResume = version != null && Number(version[1]) + Number(version[2]) / 10 >= 25.1;
  const watch = setInterval(() => {
    const share = Math.min(1, bytesUnder(into) / DOWNLOAD_BYTES[build]);
    onProgress({ step: 'download', share });
  }, 500);
  const args = [
    ...['-m', 'pip', 'download', '--quiet', '--no-deps', '--require-hashes', '--retries', '5'],
    ...(canResume ? ['--resume-retries', '5'] : []),
    ...['--only-binary=:all:', '--implementation', 'cp', '--python-version', '3.12'],
    ...PLATFORMS.flatMap((platform) => ['--platform', `${platform}_x86_64`]),
    ...['--requirement', requirements(build), '--dest', into],
  ];
  try {
    // pip streams into the temporary folder first; there its growth can be watched.
    await run(python, args, { env: { ...process.env, TMPDIR: draft }, signal });
  } finally {
    clearInterval(watch);
    rmSync(draft, { recursive: true, force: true });
  }
}

/**
 * Takes from the wheels what is needed at run time and for compiling: libraries and headers, no
 * Python.
 */
const UNPACK = `
import pathlib, sys, zipfile
into = sys.argv[1]
for wheel in sys.argv[2:]:
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            wanted = name in ('tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2') \\
                or name.startswith(('tensorflow/include/tensorflow/', 'tensorflow/include/tsl/', 'tensorflow/include/xla/tsl/')) \\
                or (name.startswith('nvidia/') and '/lib/' in name)
            if wanted:
                archive.extract(name, into)
`;

async function unpack(python: string, wheels: string, into: string, signal?: AbortSignal) {
  const files = readdirSync(wheels).filter((name) => name.endsWith('.whl'));
  await run(python, ['-c', UNPACK, into, ...files.map((name) => join(wheels, name))], { signal });
}

/** Compiles tfjs-node's own binding sources against the libraries in `folder`. */
async function compile(compiler: string, folder: string, into: string, signal?: AbortSignal) {
  const node = dirname(outsideArchive(require.resolve('@tensorflow/tfjs-node-gpu/package.json')));
  const { include_dir: napi } = require('node-api-headers') as { include_dir: string };
  const tensorflow = join(folder, 'tensorflow');
  const includes = [join(node, 'binding'), node, napi, join(tensorflow, 'include')];
  await run(
    compiler,
    [
      ...['-O2', '-std=c++17', '-fPIC', '-shared', '-DNAPI_VERSION=8'],
      ...includes.map((path) => `-I${path}`),
      join(node, 'binding', 'tfjs_backend.cc'),
      join(node, 'binding', 'tfjs_binding.cc'),
      ...['-o', into, `-L${tensorflow}`, ...LIBRARIES.map((name) => `-l:${name}`)],
      `-Wl,-rpath,$ORIGIN/tensorflow`,
    ],
    { signal },
  );
}

const failure = (step: string, error: unknown) =>
  new Unavailable(
    `${step} failed (${(error as Error).message}); run 'isocurve setup' to try again`,
  );

/**
 * Makes `build` ready, doing only what is missing.
 * @throws Unavailable with one sentence when this machine cannot have it
 */
export async function provision(
  build: Build,
  onProgress: (progress: Progress) => void,
  signal?: AbortSignal,
): Promise<Provision> {
  const ready = findProvision(build);
  if (ready !== null) return ready;
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Unavailable(
      `libtensorflow is provided for Linux x64 so far, and this is ${process.platform} ${process.arch}`,
    );
  }
  const python = await findPython();
  if (python === null) {
    throw new Unavailable(
      "Python with pip is missing; install it (Debian: python3-pip) and run 'isocurve setup'",
    );
  }
  const compiler = await findCompiler();
  if (compiler === null) {
    throw new Unavailable(
      "a C++ compiler is missing; install one (Debian: g++) and run 'isocurve setup'",
    );
  }
  const folder = folderOf(build);
  const wheels = join(folder, 'wheels');
  mkdirSync(wheels, { recursive: true });
  const unpacked = join(folder, 'unpacked');
  if (!existsSync(unpacked)) {
    onProgress({ step: 'download', share: 0 });
    await download(python, build, wheels, onProgress, signal).catch((error: unknown) => {
      throw failure('downloading libtensorflow', error);
    });
    onProgress({ step: 'unpack', share: null });
    await unpack(python, wheels, folder, signal).catch((error: unknown) => {
      throw failure('unpacking libtensorflow', error);
    });
    writeFileSync(unpacked, '');
  }
  onProgress({ step: 'compile', share: null });
  const draft = join(folder, `binding.${process.pid}.node`);
  await compile(compiler, folder, draft, signal).catch((error: unknown) => {
    throw failure('compiling the binding', error);
  });
  renameSync(draft, join(folder, 'tfjs_binding.node'));
  rmSync(wheels, { recursive: true, force: true });
  return findProvision(build)!;
}
