/**
 * What Outlook runs by itself while the pane is closed, where an administrator has deployed the add-in.
 * Classic Outlook on Windows runs this one file without a page: no document, no imports, no storage; it
 * ends the moment that the event is completed. Other clients load it into launchevent.html.
 */
import { trackNewMessage } from './new-message.ts';
import { reportSending } from './sending.ts';

/** A report that is not through by then is given up: nobody waits for Sundial when he presses Send. */
const SEND_MS = 900;
/** Outlook ends a handler after five minutes; nobody wants one that long. */
const NEW_MESSAGE_MS = 30_000;

function onNewMessageCompose(event: Office.AddinCommands.Event): void {
  within(NEW_MESSAGE_MS, trackNewMessage, () => event.completed());
}

function onMessageSend(event: Office.AddinCommands.Event): void {
  within(SEND_MS, reportSending, () => event.completed({ allowEvent: true }));
}

/** Completes once, whatever the work does: ends, fails, throws at once, or never answers. */
function within(milliseconds: number, work: () => Promise<unknown>, complete: () => void): void {
  let completed = false;
  const finish = (): void => {
    if (completed) return;
    completed = true;
    complete();
  };
  try {
    setTimeout(finish, milliseconds);
    work().then(finish, finish);
  } catch (error) {
    void error;
    finish();
  }
}

Office.actions.associate('onNewMessageCompose', onNewMessageCompose);
Office.actions.associate('onMessageSend', onMessageSend);
