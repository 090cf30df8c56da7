/** The native menu, from the same registry as the palette and the shortcut sheet. */

import type { MenuItemConstructorOptions } from 'electron';
import { commands, type CommandId } from '../../shared/commands';

/** Keys that Electron may take; single letters stay with the window, where one may be writing. */
const accelerator = (keys: string): { accelerator: string } | Record<string, never> =>
  keys.startsWith('Mod+') ? { accelerator: keys.replace('Mod', 'CommandOrControl') } : {};

export interface MenuActions {
  perform(command: CommandId): void;
  openFile(): void;
  openRecent(folder: string): void;
}

const itemsOf = (group: string, actions: MenuActions): MenuItemConstructorOptions[] =>
  commands
    .filter((command) => command.group === group)
    .map(({ id, title, keys }) => ({
      id,
      label: title,
      ...accelerator(keys),
      // The window's own keys do the same; registering both would do it twice.
      registerAccelerator: false,
      click: () => actions.perform(id),
    }));

const nameOf = (folder: string) => folder.split(/[\\/]/).pop() ?? folder;

/** The whole menu; `recent` are folders of studies, the latest first. */
export function menuTemplate(
  platform: NodeJS.Platform,
  recent: readonly string[],
  actions: MenuActions,
): MenuItemConstructorOptions[] {
  const recentItems = recent.map((folder) => ({
    label: nameOf(folder),
    click: () => actions.openRecent(folder),
  }));
  const none: MenuItemConstructorOptions[] = [{ label: 'None yet', enabled: false }];
  return [
    ...(platform === 'darwin' ? [{ role: 'appMenu' } as const] : []),
    {
      label: 'File',
      submenu: [
        ...itemsOf('Study', actions),
        { type: 'separator' },
        { label: 'Open a figure or study file…', click: () => actions.openFile() },
        { label: 'Recent studies', submenu: recentItems.length > 0 ? recentItems : none },
        { type: 'separator' },
        ...itemsOf('Figure', actions),
        { type: 'separator' },
        { role: platform === 'darwin' ? 'close' : 'quit' },
      ],
    },
    {
      label: 'Edit',
      submenu: [
        ...itemsOf('Edit', actions),
        { type: 'separator' },
        { role: 'cut' },
        { role: 'copy' },
        { role: 'paste' },
        { role: 'selectAll' },
      ],
    },
    { label: 'Go', submenu: itemsOf('Go to', actions) },
    {
      label: 'View',
      submenu: [
        ...itemsOf('View', actions),
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { role: 'togglefullscreen' },
      ],
    },
    { role: 'windowMenu' },
  ];
}
