/** Where things lie: what ships with the package, and what is kept per user. */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import envPaths from 'env-paths';

/** The package's own folder, found from wherever this code was bundled to. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'assets', 'presets'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error('the assets of Isocurve are missing; install it again');
    folder = parent;
  }
  return folder;
}

/** A file under assets/. */
export const asset = (path: string): string => join(packageRoot(), 'assets', path);

/** The per-user settings; ISOCURVE_CONFIG moves them. */
export const configFolder = (): string =>
  process.env['ISOCURVE_CONFIG'] ?? envPaths('isocurve', { suffix: '' }).config;

/**
 * The same path outside of Electron's archive: what a compiler or pip is to read must be a real
 * file.
 */
export const outsideArchive = (path: string): string =>
  path.replace(/app\.asar(?=[\\/])/, 'app.asar.unpacked');

/** The per-user cache; ISOCURVE_CACHE moves it. */
export const cacheFolder = (): string =>
  process.env['ISOCURVE_CACHE'] ?? envPaths('isocurve', { suffix: '' }).cache;

/** Copies of the weights, surfaces and directions that were taken, by content. */
export const importsFolder = (): string => join(cacheFolder(), 'imports');

/** Where datasets that the user added lie, a folder each; ISOCURVE_DATASETS moves them. */
export const storeFolder = (): string =>
  process.env['ISOCURVE_DATASETS'] ?? join(cacheFolder(), 'datasets', 'store');
