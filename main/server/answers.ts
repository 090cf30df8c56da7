/** What the server says: pages, messages, JSON. Knows responses; knows nothing of who asks. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { SECURITY_HEADERS, type Page } from '../host/pages';

/** Headers of whatever no cache is to keep. */
const UNKEPT = { ...SECURITY_HEADERS, 'Cache-Control': 'no-store' } as const;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

const bodyOf = (title: string, message: string) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title>
<body style="font:14px system-ui;margin:3em"><h1 style="font-size:20px">${title}</h1>
<p>${escaped(message)}.</p></body></html>`;

const zipped = new Map<string, Buffer>();

/** Compressed once: pages do not change while the server runs. */
function compressed(page: Page): Buffer {
  const known = zipped.get(page.path);
  if (known !== undefined) return known;
  const made = gzipSync(page.content);
  zipped.set(page.path, made);
  return made;
}

export function sendPage(request: IncomingMessage, response: ServerResponse, page: Page): void {
  const zips = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
  const squeezes = zips && !page.type.startsWith('font/') && !page.type.startsWith('image/png');
  response.writeHead(200, {
    ...SECURITY_HEADERS,
    'Content-Type': page.type,
    'Cache-Control': page.immutable ? 'max-age=31536000, immutable' : 'no-cache',
    ...(squeezes ? { 'Content-Encoding': 'gzip', Vary: 'Accept-Encoding' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : squeezes ? compressed(page) : page.content);
}

/** `message`: a sentence without its full stop. */
export function sendMessage(
  response: ServerResponse,
  status: number,
  title: string,
  message: string,
): void {
  response.writeHead(status, { ...UNKEPT, 'Content-Type': 'text/html; charset=utf-8' });
  response.end(bodyOf(title, message));
}

export function sendJson(response: ServerResponse, status: number, content: object): void {
  response.writeHead(status, { ...UNKEPT, 'Content-Type': 'application/json' });
  response.end(JSON.stringify(content));
}

/**
 * Gives the cookie and leads to the start page, so that the token leaves the address bar, the
 * history and every referrer. A browser keeps a strict cookie back along redirects that a page of
 * somebody else began, and a file is such a page; from there a page of our own leads on.
 */
export function sendCookie(response: ServerResponse, cookie: string, isLedHere: boolean): void {
  const headers = { ...UNKEPT, 'Set-Cookie': cookie };
  if (!isLedHere) {
    response.writeHead(303, { ...headers, Location: '/' });
    response.end();
    return;
  }
  response.writeHead(200, { ...headers, 'Content-Type': 'text/html; charset=utf-8' });
  response.end(
    '<!doctype html><meta charset="utf-8"><title>Isocurve</title><meta http-equiv="refresh" content="0;url=/">',
  );
}
