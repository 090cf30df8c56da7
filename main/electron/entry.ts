/** Electron's main process begins here: the only file that takes Electron itself. */

import * as electron from 'electron';
import { startShell } from './app';

startShell(electron, process.argv);
