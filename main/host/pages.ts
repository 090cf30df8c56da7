/** The built interface as responses: files of one folder and nothing beside it. */

import { readFileSync, statSync } from 'node:fs';
import { extname, join, normalize, sep } from 'node:path';
import type { Target } from './target';

/**
 * What pages may do. Scripts come from this origin alone and none is evaluated; Plotly sets styles
 * on elements, which is why inline styles are allowed; images may be drawn from memory.
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const TYPES = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.woff2', 'font/woff2'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
]);

export interface Page {
  readonly path: string;
  readonly content: Buffer;
  readonly type: string;
  /** Names of built files change with their content, so they may be kept for ever. */
  readonly immutable: boolean;
}

/** The file that `target` names under `root`, or null: also for every way out of the folder. */
export function findPage(root: string, target: Target | null): Page | null {
  if (target === null) return null;
  const path = normalize(join(root, target.path === '/' ? 'index.html' : target.path));
  const type = TYPES.get(extname(path));
  if (!path.startsWith(root + sep) || type === undefined) return null;
  try {
    if (!statSync(path).isFile()) return null;
    const immutable = /-[A-Z0-9]{8}\.\w+$/.test(path);
    return { path, content: readFileSync(path), type, immutable };
  } catch {
    return null; // also a file taken for a folder, a name too long, a path without permission
  }
}

/** Headers of every answer. */
export const SECURITY_HEADERS = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;
