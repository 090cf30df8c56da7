/** A report of a fault: it says what helps, and nothing of who somebody is. */

import { homedir, hostname, userInfo } from 'node:os';
import { expect, test } from 'vitest';
import { withoutPrivate, writeReport } from '../../main/host/report';
import { writeLog } from '../../main/host/log';

const mine = {
  folders: ['/home/ada/my studies', '/home/ada', 'C:\\Users\\ada'],
  names: ['ada', 'analytical-engine'],
};

test('a report holds no path below a folder of the user, spaces or not, and no name', () => {
  const text = withoutPrivate(
    [
      'cannot write /home/ada/my studies/secret plan/run.json: the disk is full',
      "EACCES '/home/ada/.config/isocurve' (by ada on analytical-engine)",
      'at load (/opt/isocurve/dist/engine.js:12:3)',
      'C:\\Users\\ada\\Documents\\thesis.pt: no such file',
    ].join('\n'),
    mine,
  );
  expect(text).not.toMatch(/ada|home|secret|plan|thesis|analytical|\/opt/i);
  expect(text).toContain('the disk is full');
  expect(text).toContain('engine.js:12:3');
  expect(text.split('\n')).toHaveLength(4);
});

test('words that only look like a name or a path stay', () => {
  const text = 'adam adapts 3/4 of https://example.org/a at 12:30';
  expect(withoutPrivate(text, { folders: [], names: ['ada'] })).toBe(text);
});

test('the report of this machine names its versions, and neither its user nor its folders', () => {
  const workspace = `${homedir()}/studies of mine`;
  writeLog(`Error: lost ${workspace}/plain-s1/metrics.jsonl`);
  const text = writeReport({
    kind: 'server',
    version: '1.2.3',
    platform: process.platform,
    workspace,
    dialogs: false,
    engine: { state: 'stopped', deaths: 3, reason: `it could not read ${workspace}/x` },
  });
  expect(text).toContain('Isocurve 1.2.3, server');
  expect(text).toContain(`Node ${process.versions.node}`);
  expect(text).toContain('engine deaths: 3');
  for (const word of [homedir(), 'studies of mine', 'plain-s1', hostname()]) {
    expect(text).not.toContain(word);
  }
  expect(text).not.toMatch(new RegExp(`\\b${userInfo().username}\\b`));
});
