/**
 * Who may come in: the token that was printed, this server's own names, its own pages. Every
 * request
 * and every upgrade passes here. Knows headers; knows nothing of what is asked.
 */

import { randomBytes, timingSafeEqual, createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Target } from '../host/target';

const TOKEN_BYTES = 24;

/** Why a request is turned away. */
export interface Refusal {
  readonly status: 401 | 403;
  readonly message: string;
}

export interface Admission {
  /** The request brought the token in its address: answer with the cookie and a clean address. */
  readonly fresh: boolean;
}

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Compares in constant time, also where lengths differ. */
const equal = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

function cookieOf(header: string | undefined, name: string): string | null {
  for (const part of (header ?? '').split(';')) {
    const [key, ...value] = part.trim().split('=');
    if (key === name) return value.join('=');
  }
  return null;
}

export class Gate {
  readonly token = randomBytes(TOKEN_BYTES).toString('hex');
  private hosts = new Set<string>();
  private origins = new Set<string>();
  private port = 0;

  /** The names and port under which this server may be spoken to. */
  open(names: readonly string[], port: number): void {
    this.port = port;
    this.hosts = new Set(names.map((name) => `${name}:${port}`));
    this.origins = new Set([...this.hosts].map((host) => `http://${host}`));
  }

  /** Cookies are shared between ports, so the port is in the name. */
  private get cookie(): string {
    return `isocurve-${this.port}`;
  }

  get setCookie(): string {
    return `${this.cookie}=${this.token}; HttpOnly; SameSite=Strict; Path=/`;
  }

  /** `upgrade`: a WebSocket, which has to name one of our own pages as its origin. */
  check(request: IncomingMessage, target: Target | null, upgrade: boolean): Refusal | Admission {
    const { host, origin, cookie, authorization } = request.headers;
    if (host === undefined || !this.hosts.has(host)) {
      const known = [...this.hosts].join(' or ');
      return {
        status: 403,
        message: `this server answers to ${known} only, not to '${(host ?? '').slice(0, 100)}'`,
      };
    }
    const needsOrigin = upgrade || request.method !== 'GET';
    if (
      (needsOrigin && origin === undefined) ||
      (origin !== undefined && !this.origins.has(origin))
    )
      return { status: 403, message: 'only pages of this server itself may ask it for anything' };
    const asked = target?.query.get('token') ?? null;
    const bearer = /^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? null;
    if (asked !== null && !upgrade && equal(asked, this.token)) return { fresh: true };
    const held = cookieOf(cookie, this.cookie) ?? bearer;
    if (held !== null && equal(held, this.token)) return { fresh: false };
    const what = asked === null && held === null ? 'missing' : 'wrong';
    return {
      status: 401,
      message: `the token is ${what}; open the address that 'isocurve serve' printed in its terminal`,
    };
  }
}

export const isRefusal = (answer: Refusal | Admission): answer is Refusal => 'status' in answer;
