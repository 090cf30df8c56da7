/** What the process between windows and engine knows and keeps: itself, settings, the engine. */

import * as v from 'valibot';
import { between } from './check';
import { FigureSpec } from './figure';

export const themes = ['system', 'light', 'dark'] as const;
export const units = ['mm', 'in', 'pt'] as const;

/** Kept per user. What is wrong in the file falls back to these defaults, key by key. */
/** How the weights of one kind of file were fitted to a network; the kind by its tensors. */
export const KnownMapping = v.strictObject({
  tensors: v.string(),
  model: v.record(v.string(), v.unknown()),
  mapping: v.record(v.string(), v.string()),
});
export type KnownMapping = v.InferOutput<typeof KnownMapping>;

export const Settings = v.strictObject({
  theme: v.optional(v.picklist(themes), 'system'),
  /** Unit in which sizes on paper are shown. */
  unit: v.optional(v.picklist(units), 'mm'),
  /** Tell by a notification when a long job ends while the window is in the background. */
  notify: v.optional(v.boolean(), true),
  /** Dots per inch of PNG files. */
  dpi: v.optional(between(36, 2400), 300),
  /** Whether ways to look closer stand beside the panels. */
  inspector: v.optional(v.boolean(), false),
  /** What the figure studio starts from. */
  figure: v.optional(FigureSpec, { kind: 'contours' }),
  /** Fits of weights that were made by hand, newest first. */
  mappings: v.optional(v.pipe(v.array(KnownMapping), v.maxLength(50)), []),
  /** Studies opened last, newest first. */
  recent: v.optional(v.pipe(v.array(v.string()), v.maxLength(10)), []),
});
export type Settings = v.InferOutput<typeof Settings>;

export interface HostInfo {
  readonly kind: 'electron' | 'server';
  readonly version: string;
  readonly platform: string;
  /** The folder whose studies the library lists. */
  readonly workspace: string;
  /** True where the host can open dialogs of the system. */
  readonly dialogs: boolean;
  readonly engine: EngineState;
}

export type EngineState =
  | { readonly state: 'starting'; readonly deaths: number }
  | { readonly state: 'ready'; readonly deaths: number }
  /** Three deaths in a minute: it is not started again until somebody asks. */
  | { readonly state: 'stopped'; readonly deaths: number; readonly reason: string };

/** How the fetching of a backend goes; `share` is null where its length is not known. */
export interface Provisioning {
  readonly step: 'download' | 'unpack' | 'compile' | 'done' | 'failed';
  readonly share: number | null;
  readonly message: string | null;
}

/** Bytes of a figure or a study file, at most: a window looks into nothing larger. */
export const MOST_OWN_BYTES = 60 * 2 ** 20;

export type OpenedFile =
  | { readonly kind: 'study'; readonly folder: string }
  /** A file or folder; a small file may be a figure or a study, and the window looks inside. */
  | { readonly kind: 'path'; readonly path: string; readonly bytes: Uint8Array | null };
