import { Button } from '@fluentui/react-components';
import { useState, type ReactElement } from 'react';
import type { ComposeItem } from '../../office/compose.ts';
import { Detail, Quiet, Stack } from '../../ui/layout.tsx';
import { Empty, Loading, ProblemNote } from '../../ui/states.tsx';
import { isStale, problemOf } from '../pane.ts';
import { escapeHtml, pageUrl, profileLabel, useProfiles, type Profile } from './profiles.ts';

/** Puts the link to a booking page at the cursor. */
export function InsertBooking({ item, onBack }: { readonly item: ComposeItem; readonly onBack: () => void }): ReactElement {
  const profiles = useProfiles();
  const [failure, setFailure] = useState<unknown>(null);
  const insert = async (profile: Profile) => {
    setFailure(null);
    try {
      const url = pageUrl(profile);
      await item.insert(`<a href="${escapeHtml(url)}">Book a time with me</a>`, `Book a time with me: ${url}`);
      onBack();
    } catch (error) {
      if (!isStale(error)) setFailure(error);
    }
  };
  const open = profiles.data?.filter((p) => p.active !== false) ?? [];
  return (
    <Detail title="Insert a booking link" onBack={onBack}>
      {profiles.error ? <ProblemNote problem={problemOf(profiles.error, () => void profiles.refetch())} /> : !profiles.data ? <Loading what="your booking pages" /> : (
        <Stack>
          {!open.length && <Empty>No booking page that takes bookings. Make one in Settings, Booking pages.</Empty>}
          {failure !== null && <ProblemNote problem={problemOf(failure)} />}
          <Stack tight>
            {open.map((profile) => <Button key={profile.id} style={{ justifyContent: 'flex-start', textAlign: 'left', minHeight: 44 }} onClick={() => void insert(profile)}>{profileLabel(profile)}</Button>)}
          </Stack>
          {open.length > 0 && <Quiet small>The link goes where the cursor is.</Quiet>}
        </Stack>
      )}
    </Detail>
  );
}
