import { isToPane, type FromPane, type HostState, type ToPane } from '../protocol.ts';
import { OfficeFailure } from './failures.ts';

/** The pane's line to the page around it. */
export interface Transport {
  /** What the page answers, or a failure as Outlook would give it. `item` binds the call to what is shown now. */
  call(method: string, args: readonly unknown[], item?: string): Promise<unknown>;
  onState(heard: (state: HostState) => void): void;
  onEvent(heard: (type: Extract<ToPane, { kind: 'event' }>['type'], data: unknown) => void): void;
}

/** Talks to the page that frames this one; whoever else sends messages is not listened to. */
export function frameTransport(own: Window, page: Window): Transport {
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: OfficeFailure) => void }>();
  let nextId = 1;
  let stateHeard: (state: HostState) => void = () => {};
  let eventHeard: (type: Extract<ToPane, { kind: 'event' }>['type'], data: unknown) => void = () => {};
  const post = (message: FromPane): void => page.postMessage(message, own.location.origin);

  own.addEventListener('message', (event) => {
    if (event.source !== page || event.origin !== own.location.origin || !isToPane(event.data)) return;
    const message = event.data;
    if (message.kind === 'state') return stateHeard(message.state);
    if (message.kind === 'event') return eventHeard(message.type, message.data);
    const call = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.error) call?.reject(new OfficeFailure(message.error));
    else call?.resolve(message.value);
  });

  return {
    call: (method, args, item) => new Promise((resolve, reject) => {
      const id = nextId++;
      waiting.set(id, { resolve, reject });
      post({ sundial: 'office', kind: 'call', id, item: item ?? null, method, args });
    }),
    onState(heard) {
      stateHeard = heard;
      post({ sundial: 'office', kind: 'hello' });
    },
    onEvent(heard) {
      eventHeard = heard;
    },
  };
}
