/**
 * What a host answers a window: its own calls, and the engine's passed on. The places that a window
 * names are looked up first, and the engine is given copies of the files that a study names.
 */

import {
  callChecks,
  hostChecks,
  type AllCalls,
  type AllEvents,
  type CallName,
  type HostCalls,
} from '../../shared/contract';
import { serve, type Guard, type Handlers, type Wire } from '../../shared/rpc';
import type { HostInfo } from '../../shared/spec/host';
import type { Accidents } from './accidents';
import { keysShapedLike, mapPlaces, type Guarded } from '../../shared/spec/place';
import { checkStudy, StudyFile } from '../../shared/spec/study';
import { liesIn } from '../native/paths';
import { importsFolder } from '../native/places';
import { hostLog, tailOf } from './log';
import type { Provisioner } from './provisioner';
import { writeReport } from './report';
import type { SettingsFile } from './settings-file';
import type { Supervisor } from './supervisor';
import { engineLog, type Spawn } from './engine-process';
import { broughtHandlers } from './brought-files';
import { guardCall, guardPlace, type Reach } from './guard';
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

const reachOf = ({ info, roots }: Host): Reach => ({ workspace: info.workspace, roots });

/** Whether every file that a study names is a copy that was taken. */
function namesOnlyCopies(study: unknown): boolean {
  let only = true;
  mapPlaces(StudyFile, study, (_role, path) => {
    only &&= liesIn(importsFolder(), path);
    return path;
  });
  return only;
}

/** The arguments of a call with the files taken that its studies name. @throws Fault */
async function withCopies<Args extends object>(host: Host, name: CallName, args: Args) {
  const { spawn } = host;
  const lookUp = (path: string) => guardPlace(reachOf(host), 'readableFile', path);
  const taken = { ...args } as Record<string, unknown>;
  for (const key of keysShapedLike(callChecks[name], StudyFile)) {
    if (namesOnlyCopies(taken[key])) continue;
    const { file } = checkStudy(taken[key], key);
    taken[key] = await withTakenFiles(file, lookUp, spawn);
  }
  return taken as Args;
}

/** Calls of one window that are being answered, at most. */
const MOST_CALLS = 1000;

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
  'host/report': async () => ({
    text: writeReport({ ...host.info, engine: host.supervisor.state }),
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
      async (args: Guarded<AllCalls[CallName]['args']>) =>
        host.supervisor.call(name, await withCopies(host, name, args)),
    ]),
  ) as unknown as Handlers<CallName>;
  const checks = { ...callChecks, ...hostChecks };
  // Answers may tell of their progress, to nobody but this client.
  const later: Tell = (name, data) => tell(name, data);
  const handlers = { ...forward, ...ownHandlers(host, later) };
  const guard: Guard<keyof AllCalls> = (name, args) => guardCall(reachOf(host), name, args);
  const tell = serve<keyof AllCalls>(wire, checks, handlers, guard, MOST_CALLS);
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
