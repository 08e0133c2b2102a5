import { useEffect, useRef } from 'react';
import type { Client, ClockState, OutOfOffice, Who } from './api.ts';

export type LiveEvent =
  | { readonly event: 'mail' | 'tracking' | 'booking'; readonly data: { readonly who: Who } }
  | { readonly event: 'followUp'; readonly data: { readonly who: Who; readonly reason: string } }
  | { readonly event: 'clock'; readonly data: ClockState }
  | { readonly event: 'person'; readonly data: { readonly reading: Client; readonly outOfOffice: OutOfOffice } }
  | { readonly event: 'reset'; readonly data: object }
  /** The stream is there again after a break: what happened meanwhile was not heard. */
  | { readonly event: 'again' };

/** Calls back for everything that happens in either mailbox, from any window. */
export function useLive(heard: (event: LiveEvent) => void): void {
  const latest = useRef(heard);
  useEffect(() => {
    latest.current = heard;
  });
  useEffect(() => {
    const source = new EventSource('/playground/api/events');
    let broken = false;
    source.addEventListener('open', () => {
      if (broken) latest.current({ event: 'again' });
      broken = false;
    });
    source.addEventListener('error', () => {
      broken = true;
    });
    for (const name of ['mail', 'tracking', 'booking', 'followUp', 'clock', 'person', 'reset'] as const) {
      source.addEventListener(name, (event) => latest.current({ event: name, data: JSON.parse((event as MessageEvent<string>).data) as never }));
    }
    return () => source.close();
  }, []);
}
