/**
 * The interface under a scheme of its own: files of one folder, with the same policy as the
 * server's.
 */

import { join } from 'node:path';
import type { Protocol } from 'electron';
import { findPage, SECURITY_HEADERS } from '../host/pages';
import { parseTarget } from '../host/target';
import { packageRoot } from '../native/places';
import { ORIGIN, SCHEME } from './policies';

/** Has to be told before the app is ready. */
export const privileges = [
  { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
];

/** The answer to one request. */
export function answerPage(url: string): Response {
  const target = url.startsWith(`${ORIGIN}/`) ? parseTarget(url.slice(ORIGIN.length)) : null;
  const page = findPage(join(packageRoot(), 'dist', 'renderer'), target);
  if (page === null) return new Response('not found', { status: 404, headers: SECURITY_HEADERS });
  const headers = { ...SECURITY_HEADERS, 'Content-Type': page.type };
  return new Response(new Uint8Array(page.content), { headers });
}

export const servePages = (protocol: Protocol): void =>
  protocol.handle(SCHEME, ({ url }) => answerPage(url));
