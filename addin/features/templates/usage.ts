import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import type { Output } from '../../api.ts';
import { usePane } from '../pane.ts';

export type Usage = Output<'GET /v1/stats/templates'>['records'][number];

export function useUsage(): UseQueryResult<ReadonlyMap<number, Usage>> {
  const { api } = usePane();
  return useQuery({
    queryKey: ['stats', 'templates'],
    queryFn: async ({ signal }) => new Map((await api.call('GET /v1/stats/templates', {}, { signal })).records.map((u) => [u.ruleId, u])),
  });
}

/** "12 sent, 5 of 9 opened, 3 answered". Where not every message could be seen being opened, of how many is said. */
export function usageText(usage: Usage | undefined): string {
  if (!usage) return 'Not used yet';
  const of = (part: number, whole: number): string => (whole === usage.sent ? String(part) : `${part} of ${whole}`);
  return [
    `${usage.sent} sent`,
    usage.opensTracked > 0 && `${of(usage.opened, usage.opensTracked)} opened`,
    usage.answersTracked > 0 && `${of(usage.answered, usage.answersTracked)} answered`,
  ].filter(Boolean).join(', ');
}

export const COUNTING = 'Tracked messages and the steps of sequences are counted. Mail sent without tracking is not.';
