/** The part of Electron that the shell uses, given by injection so that it can be doubled. */

import type * as All from 'electron';

export type Electron = Pick<
  typeof All,
  | 'app'
  | 'BrowserWindow'
  | 'Menu'
  | 'MessageChannelMain'
  | 'Notification'
  | 'dialog'
  | 'ipcMain'
  | 'powerSaveBlocker'
  | 'protocol'
  | 'session'
  | 'shell'
  | 'utilityProcess'
>;
