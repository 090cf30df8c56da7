/**
 * Every command of the app, once: the palette, the shortcut sheet and the native menu are made from
 * this list. What a command does is the window's business.
 */

export interface CommandSpec {
  readonly id: string;
  readonly title: string;
  readonly group: 'Go to' | 'Study' | 'Figure' | 'Edit' | 'View';
  /** `Mod` is Cmd on a Mac and Ctrl elsewhere; a single letter works outside of text fields. */
  readonly keys: string | null;
}

export const commands = [
  { id: 'go-library', title: 'Library', group: 'Go to', keys: 'l' },
  { id: 'go-system', title: 'System', group: 'Go to', keys: 's' },
  { id: 'view-plan', title: 'Plan', group: 'Go to', keys: '1' },
  { id: 'view-watch', title: 'Watch', group: 'Go to', keys: '2' },
  { id: 'view-compare', title: 'Compare', group: 'Go to', keys: '3' },
  { id: 'view-figure', title: 'Figure', group: 'Go to', keys: '4' },
  { id: 'search', title: 'Search the library', group: 'Go to', keys: '/' },
  { id: 'new-study', title: 'New study', group: 'Study', keys: 'n' },
  { id: 'open-files', title: 'Open files, or a path', group: 'Study', keys: 'o' },
  { id: 'run-study', title: 'Run or resume the study', group: 'Study', keys: 'Mod+Enter' },
  { id: 'verify', title: 'Verify the files of the study', group: 'Study', keys: 'v' },
  { id: 'pause', title: 'Pause or go on', group: 'Study', keys: 'Space' },
  { id: 'cancel', title: 'Cancel the running study', group: 'Study', keys: 'Mod+.' },
  { id: 'export', title: 'Export the figure', group: 'Figure', keys: 'e' },
  { id: 'copy-caption', title: 'Copy caption and methods', group: 'Figure', keys: 'c' },
  { id: 'zoom-in', title: 'Zoom in', group: 'Figure', keys: '+' },
  { id: 'zoom-out', title: 'Zoom out', group: 'Figure', keys: '-' },
  { id: 'zoom-fit', title: 'Show the whole page', group: 'Figure', keys: 'f' },
  { id: 'zoom-true', title: 'Show the page at its true size', group: 'Figure', keys: '0' },
  { id: 'undo', title: 'Undo', group: 'Edit', keys: 'Mod+Z' },
  { id: 'redo', title: 'Redo', group: 'Edit', keys: 'Mod+Shift+Z' },
  { id: 'palette', title: 'Command palette', group: 'View', keys: 'Mod+K' },
  { id: 'shortcuts', title: 'Keyboard shortcuts', group: 'View', keys: '?' },
  { id: 'theme', title: 'Next theme: system, light, dark', group: 'View', keys: 't' },
  { id: 'inspector', title: 'Look closer: show or hide the inspector', group: 'View', keys: 'i' },
] as const satisfies readonly CommandSpec[];

export type CommandId = (typeof commands)[number]['id'];
