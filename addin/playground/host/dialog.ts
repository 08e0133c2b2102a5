import { isDialogMessage, type DialogMessage } from '../protocol.ts';
import { answer } from './async.ts';
import { EventType } from './enums.ts';
import { dialogFailed, failed } from './failures.ts';
import { handlers } from './handlers.ts';

const CLOSED_BY_USER = 12006;
const CLOSED_POLL_MS = 200;
const MESSAGE_CHARACTERS = 32_000_000;

interface OpenDialog {
  readonly window: Window;
  ended(code: number | undefined): void;
}

/** The dialog API of the pane: a real window, opened in the pane's own click, on the pane's own host only. */
export function dialogOpener(own: Window) {
  let open: OpenDialog | undefined;

  const openDialog = (url: string, options: Readonly<Record<string, unknown>>): object => {
    let target: URL;
    try {
      target = new URL(url);
    } catch {
      throw dialogFailed(12004, 'The URL must be absolute.');
    }
    if (target.hostname !== own.location.hostname) throw dialogFailed(12004, 'The URL must be on the same domain as the page that opens the dialog.');
    // Outlook asks for https; the playground runs on loopback, where plain http is as private.
    if (target.protocol !== own.location.protocol) throw dialogFailed(12005, 'The URL must use the protocol of the page that opens the dialog.');
    if (open) throw dialogFailed(12007, 'A dialog is open already.');
    const percent = (value: unknown): number => Math.min(99, Math.max(20, Number(value) || 80)) / 100;
    const width = Math.round(own.screen.availWidth * percent(options.width));
    const height = Math.round(own.screen.availHeight * percent(options.height));
    const opened = own.open(target.href, '_blank', `popup,width=${width},height=${height},left=${Math.round((own.screen.availWidth - width) / 2)},top=${Math.round((own.screen.availHeight - height) / 2)}`);
    if (!opened) throw dialogFailed(12011, 'The browser blocked the dialog.');
    return dialogObject(opened);
  };

  const dialogObject = (opened: Window): object => {
    const heard = new Map<string, (event: Record<string, unknown>) => void>();
    const listen = (event: MessageEvent): void => {
      if (event.source !== opened || event.origin !== own.location.origin || !isDialogMessage(event.data) || event.data.kind !== 'toParent') return;
      heard.get(EventType.DialogMessageReceived)?.({ message: event.data.message, origin: event.origin, type: EventType.DialogMessageReceived });
    };
    own.addEventListener('message', listen);
    const poll = own.setInterval(() => {
      if (opened.closed) current.ended(CLOSED_BY_USER);
    }, CLOSED_POLL_MS);
    const current: OpenDialog = {
      window: opened,
      ended(code) {
        if (open !== current) return;
        open = undefined;
        own.clearInterval(poll);
        own.removeEventListener('message', listen);
        if (code !== undefined) heard.get(EventType.DialogEventReceived)?.({ error: code, type: EventType.DialogEventReceived });
      },
    };
    open = current;
    const messageChild = (message: unknown): void => {
      if (typeof message !== 'string') throw new TypeError('Sys.ArgumentException: message must be a string.');
      const data: DialogMessage = { sundial: 'dialog', kind: 'toChild', message };
      opened.postMessage(data, own.location.origin);
    };
    return {
      close() {
        current.ended(undefined);
        opened.close();
      },
      addEventHandler(type: string, handler: (event: Record<string, unknown>) => void) {
        heard.set(type, handler);
      },
      messageChild,
      sendMessage: messageChild,
    };
  };

  return {
    displayDialogAsync(url: unknown, ...rest: unknown[]) {
      let outcome: { value: object } | { error: unknown };
      try {
        const options = typeof rest[0] === 'object' && rest[0] !== null ? rest[0] as Record<string, unknown> : {};
        // Within the caller's own click: a later window.open is what browsers block.
        outcome = { value: openDialog(String(url), options) };
      } catch (error) {
        outcome = { error };
      }
      answer(rest, () => {
        if ('error' in outcome) throw outcome.error;
        return outcome.value;
      });
    },
  };
}

/** Office.context.ui inside a dialog: it can speak to the pane that opened it, and nothing more. */
export function dialogUi(own: Window, opener: Window) {
  const fromParent = handlers([EventType.DialogParentMessageReceived]);
  own.addEventListener('message', (event) => {
    if (event.source !== opener || event.origin !== own.location.origin || !isDialogMessage(event.data) || event.data.kind !== 'toChild') return;
    fromParent.raise(EventType.DialogParentMessageReceived, { message: event.data.message, origin: event.origin });
  });
  return {
    addHandlerAsync: fromParent.addHandlerAsync,
    messageParent(message: unknown, options: { targetOrigin?: string } = {}) {
      if (!['string', 'boolean'].includes(typeof message)) throw new TypeError('Sys.ArgumentException: message must be a string or a boolean.');
      if (String(message).length > MESSAGE_CHARACTERS) throw failed('DataExceedsMaximumSize');
      if (options.targetOrigin !== undefined && options.targetOrigin !== own.location.origin) return;
      const data: DialogMessage = { sundial: 'dialog', kind: 'toParent', message: String(message) };
      opener.postMessage(data, own.location.origin);
    },
  };
}
