/**
 * Where a window may lead its host: every place that a call names is looked up here once, and what
 * was looked up is what is used. Which values are places, the contract says.
 *
 * Places are relative to the workspace. The folder of a study lies in the workspace, or in a folder
 * that the server was started with; whether it is reached through a link does not matter, only
 * where the link leads. So a workspace on another disk is fine, and so is a study that was moved
 * to an opened folder and linked from the workspace.
 */

import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { callChecks, hostChecks, type AllCalls } from '../../shared/contract';
import { Fault } from '../../shared/fault';
import { mapPlaces, type Guarded, type GuardedPath, type PlaceRole } from '../../shared/spec/place';
import { liesIn, realPathOf } from '../native/paths';
import { cacheFolder, importsFolder } from '../native/places';

/** What the windows of a host may reach. */
export interface Reach {
  readonly workspace: string;
  /** Folders besides the workspace; null: a window may name any file, being the user's own. */
  readonly roots: readonly string[] | null;
}

export const uploadsFolder = (): string => join(cacheFolder(), 'uploads');

/** Folders in which a place of this role must lie; null: it may lie anywhere. */
function rootsFor(role: PlaceRole, { workspace, roots }: Reach): readonly string[] | null {
  switch (role) {
    case 'workspace':
      return [workspace];
    case 'studyFolder':
      return [workspace, ...(roots ?? [])];
    case 'readableFile':
      return roots === null ? null : [workspace, ...roots, uploadsFolder(), importsFolder()];
    default:
      return role satisfies never;
  }
}

function refusal(role: PlaceRole, path: string, { workspace }: Reach): Fault {
  switch (role) {
    case 'workspace':
      return new Fault(
        'bad-value',
        `the library must lie in the workspace ${workspace}; got '${path}'`,
      );
    case 'studyFolder':
      return new Fault(
        'bad-value',
        `a study must lie in the workspace ${workspace}; got '${path}'`,
      );
    case 'readableFile':
      return new Fault(
        'bad-value',
        `'${path}' lies outside of what this server may read; drop the file on the window instead`,
      );
    default:
      return role satisfies never;
  }
}

/** `\\\\SERVER\\SHARE` of a Windows path, or the prefix of a device; null: it is local. */
const shareOf = (path: string): string | null =>
  /^[\\/]{2}[^\\/]+[\\/]?[^\\/]*/.exec(path)?.[0].toLowerCase() ?? null;

/**
 * Whether even a look at `path` would reach beyond `roots`: Windows greets a file server with the
 * user's name and password.
 */
const asksElsewhere = (path: string, roots: readonly string[]): boolean =>
  process.platform === 'win32' &&
  shareOf(path) !== null &&
  !roots.some((root) => shareOf(root) === shareOf(path));

/** Where `path` really is. @throws Fault 'bad-value' when a place of this role may not lie there */
export function guardPlace(reach: Reach, role: PlaceRole, path: string): GuardedPath {
  if (path.includes('\0')) throw refusal(role, path.replaceAll('\0', '\\0'), reach);
  const home = path.replace(/^~(?=[\\/]|$)/, () => homedir());
  const whole = resolve(reach.workspace, home);
  const roots = rootsFor(role, reach);
  // Where everything may be read there is nothing to look up: a file keeps its name and neighbours.
  if (roots === null) return whole as GuardedPath;
  if (asksElsewhere(whole, roots)) throw refusal(role, path, reach);
  let real: string;
  try {
    real = realPathOf(whole);
  } catch {
    throw refusal(role, path, reach); // a link to itself, a name too long, a folder that is closed
  }
  if (roots.some((root) => liesIn(root, real))) return real as GuardedPath;
  throw refusal(role, path, reach);
}

/** The arguments of a call with every place looked up. @throws Fault as `guardPlace` */
export function guardCall<Name extends keyof AllCalls>(
  reach: Reach,
  name: Name,
  args: AllCalls[Name]['args'],
): Guarded<AllCalls[Name]['args']> {
  const check = { ...callChecks, ...hostChecks }[name];
  const guarded = mapPlaces(check, args, (role, path) => guardPlace(reach, role, path));
  return guarded as Guarded<AllCalls[Name]['args']>;
}
