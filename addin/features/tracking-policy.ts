import { useQuery } from '@tanstack/react-query';
import { usePane } from './pane.ts';

export type TrackingPolicy = 'on' | 'repliesOnly' | 'off';

export const POLICY_TEXT: Record<TrackingPolicy, string> = {
  on: 'Opens, links and replies may be tracked.',
  repliesOnly: 'Your organisation allows reply tracking only.',
  off: 'Your organisation has switched tracking off.',
};

/** What the organisation permits; null while it is asked. A server that cannot say so still enforces it. */
export function useTrackingPolicy(): { readonly policy: TrackingPolicy; readonly byDefault: boolean } | null {
  const { api } = usePane();
  const policy = useQuery({ queryKey: ['tracking-policy'], staleTime: 300_000, queryFn: () => api.call('GET /v1/email/tracking/policy') });
  if (policy.isPending) return null;
  return { policy: policy.data?.policy ?? 'on', byDefault: policy.data?.trackNewMessages ?? false };
}
