/** A file that another program wrote: what it is, what lies in it, what can be done with it. */

import type { FaultCode } from '../fault';
import type { StoredDataset, TakeOptions } from './dataset';
import type { ArchitectureGuess } from '../foreign/guess';

export interface TensorEntry {
  readonly name: string;
  readonly shape: readonly number[];
  /** As the file stores it: float32, bfloat16, … */
  readonly dtype: string;
  /** Numbers that are NaN or infinite. */
  readonly odd: number;
}

/** What a file is for; a collection is a folder of several checkpoints. */
export type FileKind =
  'dataset' | 'checkpoint' | 'collection' | 'directions' | 'surface' | 'study' | 'figure' | 'other';

export interface FileReport {
  readonly name: string;
  readonly bytes: number;
  readonly kind: FileKind;
  /** `safetensors`, `PyTorch archive`, … */
  readonly format: string;
  /** One sentence: what it is. */
  readonly verdict: string;
  /** What can be done with it in a terminal; empty: nothing. */
  readonly way: string;
  /** In the file's order; none where it holds none. */
  readonly tensors: readonly TensorEntry[];
  /** What the names and shapes say of the network; null where they say nothing. */
  readonly guess: ArchitectureGuess | null;
  /** Names of the files beside it, or of a folder in it, that are parts of it. */
  readonly parts: readonly string[];
}

/** What the process that reads such a file is asked; `folder` is where it may write. */
export type ReaderRequest =
  | { readonly task: 'inspect'; readonly path: string }
  /** A copy of the weights as safetensors of float32. */
  | { readonly task: 'weights'; readonly path: string; readonly folder: string }
  /** Directions in the same form. */
  | { readonly task: 'directions'; readonly path: string; readonly folder: string }
  /** A surface in our own form, as JSON. */
  | { readonly task: 'surface'; readonly path: string; readonly folder: string }
  | {
      readonly task: 'dataset';
      readonly path: string;
      readonly folder: string;
      readonly options: TakeOptions;
    };

/** A request as it is sent: the names of drafts end so, which a reader cannot find out itself. */
export type SentRequest = ReaderRequest & { readonly draft: string };

export interface ReaderResults {
  readonly inspect: FileReport;
  readonly weights: { readonly report: FileReport; readonly path: string };
  readonly directions: { readonly report: FileReport; readonly path: string };
  readonly surface: { readonly report: FileReport; readonly path: string };
  readonly dataset: StoredDataset;
}
export type ReaderTask = ReaderRequest['task'];

/** What it says: that it has started, what it reads, how far it is, and what came out. */
export type ReaderFrame =
  | { readonly kind: 'ready' }
  /** Bytes of all files that were opened so far. */
  | { readonly kind: 'opened'; readonly bytes: number }
  | { readonly kind: 'progress'; readonly share: number }
  | { readonly kind: 'result'; readonly result: ReaderResults[ReaderTask] }
  | { readonly kind: 'fault'; readonly code: FaultCode; readonly message: string };
