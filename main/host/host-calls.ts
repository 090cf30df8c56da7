/**
 * What a host answers a window: its own calls, and the engine's passed on. Paths that a window
 * names
 * must lie in folders that were opened.
 */

import {
  callChecks,
  hostChecks,
  type AllCalls,
  type AllEvents,
  type CallName,
  type HostCalls,
} from '../../shared/contract';
import { Fault } from '../../shared/fault';
import { serve, type Handlers, type Wire } from '../../shared/rpc';
import type { HostInfo } from '../../shared/spec/host';
import { checkStudy } from '../../shared/spec/study';
import type { Accidents } from './accidents';
import { hostLog, tailOf } from './log';
import type { Provisioner } from './provisioner';
import type { SettingsFile } from './settings-file';
import type { Supervisor } from './supervisor';
import { engineLog, type Spawn } from './engine-process';
import { broughtHandlers, checkReadable } from './brought-files';
import { liesIn } from './paths';
import { withTakenFiles } from './taken-files';
import type { Uploads } from './uploads';

/** Sends an event to a client. */
export type Tell = <Name extends keyof AllEvents>(name: Name, data: AllEvents[Name]) => void;

/** What differs between Electron and the local server. */
export interface Host {
  readonly info: Omit<HostInfo, 'engine'>;
  readonly supervisor: Supervisor;
  readonly settings: SettingsFile;
  readonly provisioner: Provisioner;
  readonly uploads: Uploads;
  readonly accidents: Accidents;
  draw(args: HostCalls['host/draw']['args']): Promise<Uint8Array>;
  save(args: HostCalls['host/save']['args']): Promise<{ path: string } | null>;
  /** Folders besides the workspace whose files a window may name; null: any. */
  readonly roots: readonly string[] | null;
  /** How a file of others is read in a process of its own. */
  readonly spawn: Spawn;
}

/** @throws Fault 'bad-value' when a path in `args` lies outside of `root` */
function checkPaths(host: Host, args: object): void {
  const root = host.info.workspace;
  const given = args as Record<string, unknown>;
  for (const key of ['folder', 'workspace'] as const) {
    const path = given[key];
    if (typeof path !== 'string' || liesIn(root, path)) continue;
    throw new Fault('bad-value', `${key} must lie in the workspace ${root}; got '${path}'`);
  }
  const named = typeof given['file'] === 'string' ? [given['file']] : [];
  for (const path of [...named, ...filesOf(given['study'])]) checkReadable(host, path);
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const partOf = (value: unknown, key: string): unknown =>
  (value as Record<string, unknown> | null | undefined)?.[key];

/** Files that a study would have the engine read: weights, surfaces, directions. */
function filesOf(study: unknown): string[] {
  const variants = listOf(partOf(study, 'variants'));
  const scans = listOf(partOf(study, 'scans'));
  return [
    ...variants.map((variant) => partOf(partOf(variant, 'weights'), 'file')),
    ...variants.map((variant) => partOf(partOf(variant, 'surface'), 'file')),
    ...scans.map((scan) => partOf(partOf(scan, 'directions'), 'path')),
  ].filter((path) => typeof path === 'string');
}

/** Calls of one window that are being answered, at most. */
const MOST_CALLS = 1000;

/** Calls that write a study down, which is to name no files but copies. */
const KEEPS_STUDY: readonly CallName[] = ['study/start', 'study/create', 'study/extend'];

async function takeFiles<Args extends { study: unknown }>(host: Host, args: Args): Promise<Args> {
  const { file } = checkStudy(args.study, 'study');
  return { ...args, study: await withTakenFiles(file, host.spawn) };
}

const ownHandlers = (host: Host, tell: Tell): Handlers<keyof HostCalls> => ({
  ...broughtHandlers(host, tell),
  'host/info': async () => ({ ...host.info, engine: host.supervisor.state }),
  'host/settings': async () => host.settings.read(),
  'host/save-settings': async ({ settings }) => (host.settings.write(settings), null),
  'host/draw': (args) => host.draw(args),
  'host/save': (args) => host.save(args),
  'host/log': async () => ({
    path: engineLog(),
    tail: [engineLog(), hostLog()].map(tailOf).filter(Boolean).join('\n'),
  }),
  'host/restart-engine': async () => (await host.supervisor.restart(), null),
  'host/provision': async ({ build }) => (host.provisioner.begin(build), null),
});

/**
 * Serves `host` over `wire` until it closes. Returns what tells this one client the host's events.
 */
export function serveHost(wire: Wire, host: Host): Tell {
  const forward = Object.fromEntries(
    (Object.keys(callChecks) as CallName[]).map((name) => [
      name,
      (args: AllCalls[CallName]['args']) => {
        checkPaths(host, args);
        if (!KEEPS_STUDY.includes(name)) return host.supervisor.call(name, args as never);
        return takeFiles(host, args as object & { study: unknown }).then((taken) =>
          host.supervisor.call(name, taken as never),
        );
      },
    ]),
  ) as unknown as Handlers<CallName>;
  const checks = { ...callChecks, ...hostChecks };
  // Answers may tell of their progress, to nobody but this client.
  const later: Tell = (name, data) => tell(name, data);
  const handlers = { ...forward, ...ownHandlers(host, later) };
  const tell = serve<keyof AllCalls>(wire, checks, handlers, MOST_CALLS);
  let left = 0;
  const stop = host.supervisor.listen((name, data) => {
    // Whoever reads too slowly reads the disk again instead of an ever longer queue.
    if (wire.congested?.()) return void left++;
    if (left > 0) tell('host/behind', { frames: left });
    left = 0;
    tell(name, data);
  });
  const stopProvisioning = host.provisioner.listen((data) => tell('host/provisioning', data));
  const stopAccidents = host.accidents.listen((data) => tell('host/accident', data));
  wire.onClose(() => {
    stop();
    stopProvisioning();
    stopAccidents();
  });
  return tell;
}
