/**
 * What a request asks for: the one place where its target is taken apart. Whatever was sent, the
 * answer is a target or null, never a fault.
 */

export interface Target {
  /** Decoded; begins with a slash and holds no NUL. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/** The path and query of a request line (RFC 9112, 3.2.1), or null where it is no such thing. */
export function parseTarget(text: string | undefined): Target | null {
  if (text === undefined || !text.startsWith('/')) return null;
  const [whole] = text.split('#', 1);
  const mark = whole.indexOf('?');
  const [path, query] = mark < 0 ? [whole, ''] : [whole.slice(0, mark), whole.slice(mark + 1)];
  try {
    const decoded = decodeURIComponent(path);
    return decoded.includes('\0') ? null : { path: decoded, query: new URLSearchParams(query) };
  } catch {
    return null; // a percent sign that begins no byte, or bytes that are no UTF-8
  }
}
