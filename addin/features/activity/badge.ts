import { useEffect, useState } from 'react';
import { roaming, setRoaming } from '../../office/settings.ts';
import { useActivity } from './rows.ts';

/** How many messages have news that was not on the screen yet. Looking at the tab takes it away. */
export function useActivityBadge(looking: boolean): number {
  const activity = useActivity();
  const [seen, setSeen] = useState(() => roaming('activitySeen', (v) => (typeof v === 'number' ? v : 0)));
  const newest = Math.max(0, ...(activity.data ?? []).map((row) => row.eventId));
  useEffect(() => {
    if (!looking || newest <= seen) return;
    // Being looked at is what makes it seen; nothing else tells when.
    // eslint-disable-next-line react-hooks/set-state-in-effect
    setSeen(newest);
    setRoaming('activitySeen', newest);
  }, [looking, newest, seen]);
  return looking ? 0 : (activity.data ?? []).filter((row) => row.eventId > seen).length;
}
