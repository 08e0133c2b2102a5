import type { ReactElement } from 'react';
import { Card, Heading, Quiet } from '../../ui/layout.tsx';
import { Loading, ProblemNote } from '../../ui/states.tsx';
import { Time } from '../../ui/time.tsx';
import { useConversation } from '../followup/FollowUpCard.tsx';
import { problemOf } from '../pane.ts';
import { POLICY_TEXT, useTrackingPolicy } from '../tracking-policy.ts';
import { Timeline } from './Timeline.tsx';
import { headline, timeline, type Tracking } from './timeline.ts';
import { useTrackingEvents } from './useTracking.ts';

/** How a tracked message stands, and its timeline. */
export function TrackingView({ tracking }: { readonly tracking: Tracking }): ReactElement {
  const events = useTrackingEvents(tracking.id);
  // Its card says what went wrong when it cannot be read; the timeline then has the tracking alone.
  const followUp = useConversation(tracking.threadId);
  if (events.error && !events.data) return <ProblemNote problem={problemOf(events.error, () => void events.refetch())} />;
  if (!events.data) return <Loading what="the timeline" />;
  const rows = timeline(events.data, tracking.recipients ?? [], followUp.data);
  const head = headline(tracking, rows);
  const seen = head.at !== undefined;
  return (
    <Card label="Tracking">
      <Heading level={2}>{head.text}{head.at && <>, <Time at={head.at} form="ago" /></>}</Heading>
      {!seen && tracking.trackOpens !== false && !tracking.optedOut && <Quiet small>Many programs block images; it may still be read.</Quiet>}
      {!seen && tracking.trackOpens === false && !tracking.optedOut && <OpensNotTracked />}
      {tracking.optedOut && <Quiet small>Opens and clicks are no longer recorded. Answers are.</Quiet>}
      <Timeline rows={rows} />
      {tracking.hitsNotKept ? <Quiet small>{tracking.hitsNotKept} more hits were not kept.</Quiet> : null}
    </Card>
  );
}

/** Or one waits for an open that nobody can see; the policy is its reason more often than the sender's own choice. */
function OpensNotTracked(): ReactElement {
  const organisation = useTrackingPolicy();
  return <Quiet small>Opens aren’t tracked here.{organisation && organisation.policy !== 'on' ? ` ${POLICY_TEXT[organisation.policy]}` : ''}</Quiet>;
}
