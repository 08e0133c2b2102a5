import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { usePane } from '../pane.ts';

export type Profile = NonNullable<ReturnType<typeof useProfiles>['data']>[number];

export function useProfiles(): UseQueryResult<Awaited<ReturnType<ReturnType<typeof listProfiles>>>> {
  const { api } = usePane();
  return useQuery({ queryKey: ['profiles'], queryFn: listProfiles(api) });
}

const listProfiles = (api: ReturnType<typeof usePane>['api']) => async () =>
  (await api.call('GET /v1/book/account/profiles', { query: { limit: 200 } })).records;

/** The page's address; made by the server, which alone knows how names stand in it. */
export const pageUrl = (profile: Profile): string => profile.bookingUrl ?? '';

export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

export const profileLabel = (profile: Profile): string => `${profile.subject || profile.name || 'Booking page'} · ${profile.durationMinutes ?? 30} min`;
