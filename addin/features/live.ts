import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useAnnounce } from '../ui/announcer.tsx';
import { usePane } from './pane.ts';

interface TrackingRecorded {
  readonly eventType?: string;
  readonly verdict?: string | null;
}

const SAID: Readonly<Record<string, string>> = { open: 'A message was opened.', click: 'A link was clicked.', reply: 'A message was answered.', replyBounce: 'A message bounced.' };

/** One stream for the whole pane: what it tells makes the shown data be read again. A new sign-in begins a new one. */
export function useLiveUpdates(round: number): void {
  const { api } = usePane();
  const client = useQueryClient();
  const announce = useAnnounce();
  useEffect(() => {
    const ended = new AbortController();
    // What was told between two sessions was heard by nobody.
    if (round > 1) void client.invalidateQueries();
    const heard = (event: { event: string; data: unknown }) => {
      if (event.event === 'TrackingRecorded') {
        void client.invalidateQueries({ queryKey: ['tracking'] });
        const { eventType = '', verdict } = event.data as TrackingRecorded;
        if (SAID[eventType] && verdict !== 'machine' && verdict !== 'self') announce(SAID[eventType]);
      }
      // An answer ends a follow-up, so both kinds may change a conversation.
      void client.invalidateQueries({ queryKey: ['conversation'] });
      void client.invalidateQueries({ queryKey: ['activity'] });
      void client.invalidateQueries({ queryKey: ['stats'] });
      void client.invalidateQueries({ queryKey: ['clock'] });
    };
    api.stream('/v1/email/tracking/stream', heard, ended.signal).catch(() => {
      // Refused for good (signed out, an older server): screens still read when they are opened.
    });
    return () => ended.abort();
  }, [api, client, announce, round]);
}
