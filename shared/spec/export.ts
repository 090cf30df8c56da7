/** What leaves a study in the formats of other programs. */

export const checkpointFormats = ['safetensors', 'pt', 'npz', 'tfjs'] as const;
export type CheckpointFormat = (typeof checkpointFormats)[number];

export const surfaceFormats = ['h5', 'vtp', 'npz', 'csv'] as const;
export type SurfaceFormat = (typeof surfaceFormats)[number];

export interface ExportedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}
