import { OfficeError, officeError } from './errors.ts';

export interface Dialog {
  /** Settles with the first message, or rejects with `dialog.closed` when the person closes the window. */
  readonly message: Promise<string>;
  close(): void;
}

/**
 * Opens one of our own pages in Outlook's dialog window. The URL must be on this page's own origin, and
 * may go elsewhere from there. Rejects with `dialog.blocked`, `dialog.ignored`, `dialog.open`, `dialog.failed`.
 */
export function openDialog(url: string): Promise<Dialog> {
  return new Promise((resolve, reject) => {
    Office.context.ui.displayDialogAsync(url, { height: 70, width: 40, displayInIframe: false, promptBeforeOpen: false }, (result) => {
      if (result.status === Office.AsyncResultStatus.Failed) return reject(officeError(result.error));
      const dialog = result.value;
      const message = new Promise<string>((got, failed) => {
        dialog.addEventHandler(Office.EventType.DialogMessageReceived, (event) => {
          if (!('message' in event)) return failed(officeError({ code: event.error }));
          // Absent in old clients, which allow no other origin anyhow.
          if (event.origin && event.origin !== location.origin) return;
          got(event.message);
        });
        dialog.addEventHandler(Office.EventType.DialogEventReceived, () => failed(new OfficeError('dialog.closed')));
      });
      // Whoever opened the dialog may give up waiting for it.
      message.catch(() => {});
      resolve({ message, close: () => dialog.close() });
    });
  });
}

/** From a dialog page to the pane that opened it; the pane has the same origin. */
export function messageParent(message: string): void {
  Office.context.ui.messageParent(message, { targetOrigin: location.origin });
}
