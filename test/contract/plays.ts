/**
 * A harmless way to make every call of the contract, for what plays all of them. A call without one
 * does not compile.
 */

import { join } from 'node:path';
import type { AllCalls, AllEvents } from '../../shared/contract';
import { check } from '../../shared/spec/check';
import { FigureSpec } from '../../shared/spec/figure';
import { Settings } from '../../shared/spec/host';
import type { Asked } from '../../shared/spec/place';

export interface Harmless {
  readonly workspace: string;
  /** The folder of a study in it. */
  readonly folder: string;
  /** A file in it. */
  readonly file: string;
  /** A folder of copies that were taken; none need lie there. */
  readonly copies: string;
}

/** A study that names a file wherever one may be named. */
export const studyOfFiles = (copies: string) => ({
  name: 'played',
  question: 'Is it let in?',
  base: { model: { depth: 8, width: 2 }, recipe: { epochs: 0, learningRate: 0.1 } },
  variants: [
    {
      name: 'weights',
      weights: {
        file: join(copies, 'weights.safetensors'),
        step: 2,
        earlier: [{ file: join(copies, 'earlier.safetensors'), step: 1 }],
      },
    },
    { name: 'surface', surface: { file: join(copies, 'surface.json') } },
  ],
  scans: [{ name: 'along', directions: { kind: 'file', path: join(copies, 'd.safetensors') } }],
});

const figure = { data: [], layout: {}, config: {} } as unknown as AllCalls['host/draw']['args'];
const job = { job: 'none' };

export const plays = ({ workspace, folder, file, copies }: Harmless) => {
  const study = studyOfFiles(copies);
  const bytes = new Uint8Array(3);
  return {
    'engine/info': {},
    'engine/doctor': { quick: true },
    'study/presets': {},
    'study/start': { folder, study },
    'study/resume': { folder },
    'study/create': { workspace, study },
    'study/extend': { folder, study },
    'study/open': { folder },
    'study/results': { folder },
    'study/annotate': { folder, annotations: { note: '', tags: [] } },
    'study/verify': { folder },
    'study/items': { folder },
    'study/remove': { folder, workspace },
    'item/remove': { folder, workspace, kind: 'runs', id: 'a-s1' },
    'item/export': { folder, kind: 'surfaces', id: 'a-s1.plane-d1', format: 'csv' },
    'weights/match': { file, model: {}, dataset: { kind: 'digits' }, mapping: {} },
    'weights/normalisations': { folder, run: 'a-s1' },
    'dataset/list': {},
    'dataset/remove': { name: 'none', hash: 'none' },
    'trash/list': { workspace },
    'trash/restore': { workspace, id: 'none' },
    'trash/empty': { workspace },
    'library/list': { workspace },
    'library/items': { workspace },
    'dataset/preview': { dataset: { kind: 'digits' } },
    'plan/describe': { study },
    'plan/measure': { study, variant: 'none' },
    'cell/open': { folder, surface: 'a-s1.plane-d1', at: [0, 0] },
    'figure/build': { folder, figure: check(FigureSpec, { kind: 'contours' }, 'figure') },
    'bench/start': {
      work: 'scan',
      depth: 8,
      width: 1,
      skip: 'none',
      batch: 1,
      size: 4,
      channels: 1,
      repeat: 1,
      points: 1,
    },
    'job/list': {},
    'job/pause': job,
    'job/continue': job,
    'job/cancel': job,
    'host/info': {},
    'host/settings': {},
    'host/save-settings': { settings: check(Settings, {}, 'settings') },
    'host/draw': { figure: figure as never, format: 'html', dpi: 300, recipe: '' },
    'host/save': { name: 'x', bytes },
    'host/upload': { upload: 'an-upload-of-ours', name: 'x', at: 0, bytes },
    'host/inspect': { path: file },
    'host/take-weights': { path: file },
    'host/take-surface': { path: file },
    'host/take-directions': { path: file },
    'host/take-dataset': { path: file, options: {} },
    'host/public-datasets': {},
    'host/fetch-dataset': { name: 'none' },
    'host/stop-fetching': {},
    'host/log': {},
    'host/report': {},
    'host/restart-engine': {},
    'host/provision': { build: 'cpu' },
  } satisfies { [Name in keyof AllCalls]: Asked<AllCalls[Name]['args']> };
};

/** Every event that a server tells; none may come from a client. */
export const events = {
  'job/changed': { job: 'forged', kind: 'study', state: 'done' },
  'study/event': { job: 'forged', folder: 'forged', event: { kind: 'phase', text: 'forged' } },
  'bench/report': { job: 'forged', report: {} },
  'engine/load': { memory: -1, busy: -1, cores: -1 },
  'library/changed': { folder: 'forged' },
  'host/engine': { state: 'stopped', deaths: -1, reason: 'forged' },
  'host/provisioning': { step: 'failed', share: null, message: 'forged' },
  'host/taking': { name: 'forged', phase: 'forged', share: -1 },
  'host/opened': { kind: 'study', folder: 'forged' },
  'host/command': { command: 'forged' },
  'host/accident': { message: 'forged' },
  'host/behind': { frames: -1 },
} satisfies { [Name in keyof AllEvents]: object };
