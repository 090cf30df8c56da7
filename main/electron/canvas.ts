/** Drawing figures in hidden windows of Electron itself: no other browser is needed. */

import { readFileSync } from 'node:fs';
import type { BrowserWindow } from 'electron';
import { CSS_DPI, plotlyPath, type Canvas } from '../host/draw';
import { FACES_READY, faceStyle } from '../host/faces';
import type { Electron } from './electron';
import { webPreferences } from './window';

const openHidden = async ({ BrowserWindow: Window }: Electron): Promise<BrowserWindow> => {
  const window = new Window({
    show: false,
    webPreferences: { ...webPreferences, offscreen: true },
  });
  await window.loadURL('about:blank');
  return window;
};

export async function openElectronCanvas(electron: Electron): Promise<Canvas> {
  const window = await openHidden(electron);
  const start = JSON.stringify(faceStyle());
  await window.webContents.executeJavaScript(
    `document.head.insertAdjacentHTML('beforeend', ${start}); ${FACES_READY}`,
  );
  await window.webContents.executeJavaScript(`${readFileSync(plotlyPath(), 'utf8')};0`);
  return {
    evaluate: (expression) => window.webContents.executeJavaScript(expression) as Promise<string>,
    async print(html, width, height) {
      const sheet = await openHidden(electron);
      try {
        const text = JSON.stringify(html);
        await sheet.webContents.executeJavaScript(
          `document.write(${text}); document.close(); ${FACES_READY}`,
        );
        return await sheet.webContents.printToPDF({
          pageSize: { width: width / CSS_DPI, height: height / CSS_DPI },
          margins: { top: 0, bottom: 0, left: 0, right: 0 },
          printBackground: true,
          pageRanges: '1',
        });
      } finally {
        sheet.destroy();
      }
    },
    close: async () => window.destroy(),
  };
}
