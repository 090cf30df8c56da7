/** What all dialogs have in common: they stand over the page, and each closes itself alone. */

/**
 * A dialog of the browser's own, as long as its element stands. It tells that it closes at once and
 * once. The browser's own `close` event comes later, when another dialog may have been opened, and
 * is heard only where the browser closed the dialog without asking.
 */
export class Modal {
  private dialog: HTMLDialogElement | null = null;

  constructor(private readonly onClose: () => void) {}

  /** Shows the dialog; what it returns forgets it. To be attached. */
  readonly open = (dialog: HTMLDialogElement): (() => void) => {
    const cancelled = (event: Event) => {
      // A file chooser inside that was thought better of says `cancel` too.
      if (event.target !== dialog) return;
      event.preventDefault();
      this.close();
    };
    dialog.addEventListener('cancel', cancelled);
    dialog.addEventListener('close', this.close);
    dialog.showModal();
    this.dialog = dialog;
    return () => {
      dialog.removeEventListener('cancel', cancelled);
      dialog.removeEventListener('close', this.close);
      this.dialog = null;
    };
  };

  readonly close = (): void => {
    const { dialog } = this;
    if (dialog === null) return;
    this.dialog = null;
    // Gives the focus back to where it was.
    dialog.close();
    this.onClose();
  };
}
