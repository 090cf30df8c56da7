/**
 * A report of a fault that can be handed on: versions, the machine, how the engine stands, the ends
 * of the logs. No path of the user's stands in it, nor a name; it is shown, and sent nowhere.
 */

import { cpus, homedir, hostname, tmpdir, totalmem, userInfo } from 'node:os';
import type { HostInfo } from '../../shared/spec/host';
import { engineLog } from './engine-process';
import { hostLog, tailOf } from './log';

/** What tells who somebody is and where they keep things. */
export interface Private {
  /** Folders, however deep a path goes on below them. */
  readonly folders: readonly string[];
  readonly names: readonly string[];
}

const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/**
 * `text` without what is private. A path may hold spaces, so it is taken to go on to a quote, a
 * bracket, a colon or the end of its line: rather a word too much than one too few.
 */
export function withoutPrivate(text: string, { folders, names }: Private): string {
  const known = folders.filter((folder) => folder.length > 1).map(escaped);
  const paths = new RegExp(`(?:${known.join('|')})(?![\\w.-])[^'"\`()\\[\\]:\\n]*`, 'gi');
  const away = known.length === 0 ? text : text.replaceAll(paths, '<path>');
  // Whatever else begins at a root: a stack's own files keep their names.
  const rest = away.replaceAll(/(?<![\w.<~/])(?:[A-Za-z]:)?[\\/](?:[^\s'"`():\\/]+[\\/])+/g, '…/');
  const said = names.filter((name) => name.length > 2).map(escaped);
  if (said.length === 0) return rest;
  return rest.replaceAll(new RegExp(`(?<!\\w)(?:${said.join('|')})(?!\\w)`, 'gi'), '<name>');
}

/** The report on the host that `info` tells of. */
export function writeReport(info: HostInfo): string {
  const gigabytes = (totalmem() / 2 ** 30).toFixed(1);
  const { engine } = info;
  const lines = [
    `Isocurve ${info.version}, ${info.kind}`,
    `${info.platform}, Node ${process.versions.node}, ${cpus().length} cores, ${gigabytes} GiB`,
    `engine deaths: ${engine.deaths}`,
    `engine: ${engine.state}${engine.state === 'stopped' ? `, ${engine.reason}` : ''}`,
    '',
    ...[engineLog(), hostLog()].flatMap((path, i) => [
      i === 0 ? 'end of the log of the engine' : 'end of the log of the host',
      tailOf(path) || 'empty',
    ]),
  ];
  return withoutPrivate(`${lines.join('\n')}\n`, {
    folders: [info.workspace, tmpdir(), homedir()],
    names: [userInfo().username, hostname()],
  });
}
