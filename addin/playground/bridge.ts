import { failed, toFailure } from './host/failures.ts';
import { isFromPane, type HostState, type ToPane } from './protocol.ts';

/** What the page does for the pane: one function a method of the protocol, bound to what is shown. */
export type Methods = Readonly<Record<string, (...args: never[]) => unknown>>;

export interface PaneBridge {
  /** Tells the pane what is chosen now; it raises ItemChanged where that is another item. */
  setState(state: HostState): void;
  raise(type: 'recipientsChanged' | 'attachmentsChanged' | 'infobarClicked', data: unknown): void;
  close(): void;
}

/**
 * The page's end of the line to one pane. `methods` answers with what can be called at this moment;
 * a call for an item that is no longer shown fails as Outlook lets it fail.
 */
export function connectPane(frame: HTMLIFrameElement, first: HostState, methods: () => Methods): PaneBridge {
  let state = first;
  let greeted = false;
  const post = (message: ToPane): void => frame.contentWindow?.postMessage(message, location.origin);

  const heard = async (event: MessageEvent): Promise<void> => {
    if (event.source !== frame.contentWindow || event.origin !== location.origin || !isFromPane(event.data)) return;
    const message = event.data;
    if (message.kind === 'hello') {
      greeted = true;
      return post({ sundial: 'office', kind: 'state', state });
    }
    try {
      if (message.item !== null && message.item !== state.item?.key) throw failed('APICallFailedDueToItemChange');
      const method = methods()[message.method] as ((...args: readonly unknown[]) => unknown) | undefined;
      if (!method) throw failed('OperationNotSupported', `${message.method} is not available for what is shown.`);
      post({ sundial: 'office', kind: 'answer', id: message.id, value: await method(...message.args) });
    } catch (error) {
      post({ sundial: 'office', kind: 'answer', id: message.id, error: toFailure(error) });
    }
  };
  const listener = (event: MessageEvent): void => void heard(event);
  window.addEventListener('message', listener);

  return {
    setState(next) {
      state = next;
      if (greeted) post({ sundial: 'office', kind: 'state', state });
    },
    raise: (type, data) => post({ sundial: 'office', kind: 'event', type, data }),
    close: () => window.removeEventListener('message', listener),
  };
}
