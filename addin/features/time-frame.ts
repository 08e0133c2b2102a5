import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { setAhead, showTimesIn } from '../ui/time.tsx';
import { usePane } from './pane.ts';

const CLOCK_MS = 10_000;

/** Shows all times in the account's zone and, where the clock can be moved, by the product's clock. */
export function useTimeFrame(): void {
  const { api, account, config } = usePane();
  const zone = useQuery({
    queryKey: ['zone'],
    staleTime: Infinity,
    queryFn: async ({ signal }) => (await api.call('GET /v1/followup/config', {}, { signal })).timezone ?? null,
  });
  const clock = useQuery({
    queryKey: ['clock'],
    enabled: config.mode === 'playground',
    refetchInterval: CLOCK_MS,
    queryFn: async ({ signal }) => Date.parse(await api.playgroundTime(signal)) - Date.now(),
  });
  const shown = zone.data ?? account.timezone;
  useEffect(() => showTimesIn(shown), [shown]);
  const ahead = clock.data ?? 0;
  useEffect(() => setAhead(ahead), [ahead]);
}
