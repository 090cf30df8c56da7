/** Dialogs and the state that they close. The browser's dialog is played: its events come late. */

import { expect, test } from 'vitest';
import { Modal } from '../../../renderer/parts/modal';
import { Panels, type Panel } from '../../../renderer/state/panels.svelte';

/** A dialog that closes at once and says so when it is asked to, as browsers do. */
class LateDialog extends EventTarget {
  open = false;
  private saysClosed = 0;

  showModal(): void {
    this.open = true;
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    this.saysClosed++;
  }

  /** Escape: `cancel` is told at once, `close` later. */
  escape(): void {
    if (this.dispatchEvent(new Event('cancel', { cancelable: true }))) this.close();
  }

  sayClosed(): void {
    for (; this.saysClosed > 0; this.saysClosed--) this.dispatchEvent(new Event('close'));
  }
}

/** Shows the dialog of a panel as the window does; `unmount` is called when it is taken away. */
function show(panels: Panels, panel: Panel) {
  panels.open = panel;
  const dialog = new LateDialog();
  const modal = new Modal(() => panels.close(panel));
  const unmount = modal.open(dialog as unknown as HTMLDialogElement);
  return { dialog, modal, unmount };
}

test('a panel that was opened before another has closed stays open', () => {
  const panels = new Panels();
  const sheet = show(panels, 'shortcuts');
  sheet.dialog.escape();
  expect(panels.open).toBeNull();
  const palette = show(panels, 'palette');
  sheet.dialog.sayClosed();
  sheet.unmount();
  sheet.dialog.sayClosed();
  expect(panels.open).toBe('palette');
  expect(palette.dialog.open).toBe(true);
});

test('the same panel may be opened again before it has said that it closed', () => {
  const panels = new Panels();
  const first = show(panels, 'palette');
  first.modal.close();
  first.unmount();
  show(panels, 'palette');
  first.dialog.sayClosed();
  expect(panels.open).toBe('palette');
});

test('whoever closes a panel closes no other', () => {
  const panels = new Panels();
  panels.open = 'palette';
  panels.close('shortcuts');
  expect(panels.open).toBe('palette');
  panels.close('palette');
  expect(panels.open).toBeNull();
});

test('a dialog tells once that it closes, however it is closed', () => {
  let told = 0;
  const open = () => {
    const dialog = new LateDialog();
    const modal = new Modal(() => told++);
    modal.open(dialog as unknown as HTMLDialogElement);
    return { dialog, modal };
  };
  const escaped = open();
  escaped.dialog.escape();
  escaped.dialog.sayClosed();
  expect([told, escaped.dialog.open]).toEqual([1, false]);
  const pressed = open();
  pressed.modal.close();
  pressed.dialog.sayClosed();
  expect([told, pressed.dialog.open]).toEqual([2, false]);
  const closedByBrowser = open();
  closedByBrowser.dialog.close();
  closedByBrowser.dialog.sayClosed();
  expect(told).toBe(3);
});

test('a file chooser that was thought better of closes nothing', () => {
  let told = 0;
  const dialog = new LateDialog();
  new Modal(() => told++).open(dialog as unknown as HTMLDialogElement);
  const cancel = new Event('cancel');
  // It bubbles up from the field inside.
  Object.defineProperty(cancel, 'target', { value: {} });
  dialog.dispatchEvent(cancel);
  expect([told, dialog.open]).toEqual([0, true]);
});
