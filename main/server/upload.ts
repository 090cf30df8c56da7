/**
 * Files that a window sends by a request of their own: `PUT /upload/ID?name=NAME`, with the file as
 * its body. What they are for, `host/inspect` and the calls beside it say.
 */

import { createWriteStream, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { UploadName } from '../../shared/contract';
import { toFault } from '../../shared/fault';
import { check } from '../../shared/spec/check';
import { SECURITY_HEADERS } from '../host/pages';
import { placeOfUpload, prepareUpload } from '../host/uploads';

const PREFIX = '/upload/';

export const isUpload = ({ method, url }: IncomingMessage): boolean =>
  method === 'PUT' && url?.startsWith(PREFIX) === true;

/** Where the file of a request came to lie. @throws Fault */
async function receive(request: IncomingMessage): Promise<string> {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
  const asked = { upload: pathname.slice(PREFIX.length), name: searchParams.get('name') };
  const { upload, name } = check(UploadName, asked, 'this upload');
  const { path, known } = placeOfUpload(upload, name);
  prepareUpload(path);
  try {
    await pipeline(request, createWriteStream(path));
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
  return known;
}

/** Answers with the path of what was sent, or the fault, as JSON. */
export async function takeUpload(
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const answer = (status: number, content: object) => {
    response.writeHead(status, { ...SECURITY_HEADERS, 'Content-Type': 'application/json' });
    response.end(JSON.stringify(content));
  };
  try {
    answer(200, { path: await receive(request) });
  } catch (error) {
    const { code, message } = toFault(error);
    answer(400, { code, message });
  }
}
