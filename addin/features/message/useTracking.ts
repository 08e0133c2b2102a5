import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { Api } from '../../api.ts';
import { usePane } from '../pane.ts';
import type { Tracking, TrackingEvent } from './timeline.ts';

/** By what a sent message can be known: our code in it, or its Message-ID. */
export interface SentKey {
  readonly code: string | null;
  readonly internetMessageId: string | null;
}

async function find(api: Api, { code, internetMessageId }: SentKey, signal: AbortSignal): Promise<Tracking | null> {
  for (const query of [code && { trackingCode: code }, internetMessageId && { internetMessageId }]) {
    if (!query) continue;
    const [found] = (await api.call('GET /v1/email/tracking', { query: { ...query, limit: 1 } }, { signal })).records;
    if (found) return found;
  }
  return null;
}

/** Asked every three seconds until the server has seen the message leave; live by the stream from then on. */
export function useTracking(key: SentKey | undefined, waiting: boolean): UseQueryResult<Tracking | null> {
  const { api } = usePane();
  return useQuery({
    queryKey: ['tracking', 'message', key],
    enabled: key !== undefined,
    refetchInterval: (query) => (waiting && !query.state.data ? 3000 : false),
    queryFn: ({ signal }) => find(api, key!, signal),
  });
}

export function useTrackingEvents(id: number | undefined): UseQueryResult<TrackingEvent[]> {
  const { api } = usePane();
  return useQuery({
    queryKey: ['tracking', 'events', id],
    enabled: id !== undefined,
    queryFn: async ({ signal }) => {
      const page = await api.call('GET /v1/email/tracking/{id}/events', { params: { id: id! }, query: { limit: 500 } }, { signal });
      return page.records;
    },
  });
}
