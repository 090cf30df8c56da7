/** The built interface as responses: files of one folder and nothing beside it. */

import { readFileSync, statSync } from 'node:fs';
import { extname, join, normalize, sep } from 'node:path';

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

/** The file that `url` names under `root`, or null: also for every way out of the folder. */
export function findPage(root: string, url: string): Page | null {
  let pathname: string;
  try {
    pathname = decodeURIComponent(new URL(url, 'http://localhost').pathname);
  } catch {
    return null;
  }
  if (pathname.includes('\0')) return null;
  const path = normalize(join(root, pathname === '/' ? 'index.html' : pathname));
  if (!path.startsWith(root + sep)) return null;
  const type = TYPES.get(extname(path));
  if (type === undefined || !statSync(path, { throwIfNoEntry: false })?.isFile()) return null;
  const immutable = /-[A-Z0-9]{8}\.\w+$/.test(path);
  return { path, content: readFileSync(path), type, immutable };
}

/** Headers of every answer. */
export const SECURITY_HEADERS = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;
