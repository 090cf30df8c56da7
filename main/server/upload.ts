/**
 * Files that a window sends by a request of their own: `PUT /upload/ID?name=NAME`, with the file as
 * its body. What they are for, `host/inspect` and the calls beside it say.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { UploadName } from '../../shared/contract';
import { toFault } from '../../shared/fault';
import { check } from '../../shared/spec/check';
import type { Target } from '../host/target';
import type { Uploads } from '../host/uploads';
import { sendJson } from './answers';

const PREFIX = '/upload/';

/** Whether a request sends a file. */
export const isUpload = (method: string | undefined, target: Target): boolean =>
  method === 'PUT' && target.path.startsWith(PREFIX);

/** Where the file of a request came to lie. @throws Fault */
async function receive(
  request: IncomingMessage,
  { path, query }: Target,
  uploads: Uploads,
): Promise<string> {
  const asked = { upload: path.slice(PREFIX.length), name: query.get('name') };
  const { upload, name } = check(UploadName, asked, 'this upload');
  const size = Number(request.headers['content-length'] ?? 0);
  const incoming = await uploads.begin(upload, name, size);
  try {
    // A refusal is answered, so the connection must outlive it.
    for await (const bytes of request.iterator({ destroyOnReturn: false })) {
      await incoming.write(bytes as Buffer);
    }
  } catch (error) {
    await incoming.drop();
    throw error;
  }
  return incoming.end();
}

/** Answers with the path of what was sent, or the fault, as JSON. */
export async function takeUpload(
  request: IncomingMessage,
  response: ServerResponse,
  target: Target,
  uploads: Uploads,
): Promise<void> {
  try {
    sendJson(response, 200, { path: await receive(request, target, uploads) });
  } catch (error) {
    const { code, message } = toFault(error);
    sendJson(response, 400, { code, message });
  }
}
