/** What the reading process is asked, and what it answers. */

import type { FileReport } from '../../../shared/spec/foreign';

export interface ReaderRequest {
  readonly path: string;
  /** Where a copy of the tensors goes; null: none is wanted. */
  readonly folder: string | null;
}

export type ReaderAnswer =
  | { readonly report: FileReport; readonly path: string | null }
  | { readonly fault: { readonly code: string; readonly message: string } };
