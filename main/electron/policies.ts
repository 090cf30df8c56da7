/** What windows may do, as pure functions: where they may go, what they may ask for. */

/** The scheme and host of the interface's own pages. */
export const SCHEME = 'app';
export const ORIGIN = `${SCHEME}://isocurve`;
export const START_PAGE = `${ORIGIN}/index.html`;

/** Whether `url` is a page of the interface itself. */
export function isOwnPage(url: string): boolean {
  try {
    const { protocol, host } = new URL(url);
    return protocol === `${SCHEME}:` && host === 'isocurve';
  } catch {
    return false;
  }
}

/** Permissions a window is given; Electron would grant everything that is asked for. */
const GRANTED = new Set(['clipboard-sanitized-write']);

export const mayHave = (permission: string, origin: string): boolean =>
  GRANTED.has(permission) && isOwnPage(origin);

/** Sites that a link may open in the user's own browser. */
const SITES = new Set(['arxiv.org', 'doi.org', 'github.com']);

export function mayOpenOutside(url: string): boolean {
  try {
    const { protocol, hostname, username, password } = new URL(url);
    return protocol === 'https:' && SITES.has(hostname) && username === '' && password === '';
  } catch {
    return false;
  }
}
