import { Button } from '@fluentui/react-components';
import { useMutation, useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { ApiError, type Output } from '../../api.ts';
import { Card, Heading, Quiet, Row } from '../../ui/layout.tsx';
import { Loading, ProblemNote } from '../../ui/states.tsx';
import { dayText, dayTime } from '../../ui/time.tsx';
import { problemOf, usePane } from '../pane.ts';
import { fieldLabel } from './rules.ts';

export type Conversation = Output<'GET /v1/followup/conversations/{convoId}'>;

/** Null where the server does not know the thread: nothing was sent in it from here. */
export function useConversation(threadId: string | null | undefined): UseQueryResult<Conversation | null> {
  const { api } = usePane();
  return useQuery({
    queryKey: ['conversation', threadId],
    enabled: Boolean(threadId),
    queryFn: async ({ signal }) => {
      try {
        return await api.call('GET /v1/followup/conversations/{convoId}', { params: { convoId: threadId! } }, { signal });
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
  });
}

/** The follow-up of a sent thread, with what can be done about it; without `onChoose` two things at most, for a phone. */
export function FollowUpCard({ threadId, onChoose }: { readonly threadId: string; readonly onChoose?: () => void }): ReactElement {
  const { api } = usePane();
  const client = useQueryClient();
  const query = useConversation(threadId);
  const change = useMutation({
    mutationFn: (body: { status?: 'active' | 'disabled'; skipStep?: boolean; restart?: boolean; resume?: boolean }) =>
      api.call('PUT /v1/followup/conversations/{convoId}', { params: { convoId: threadId }, body }),
    onSuccess: (saved) => client.setQueryData(['conversation', threadId], saved),
  });
  if (query.error && !query.data) return <ProblemNote problem={problemOf(query.error, () => void query.refetch())} />;
  if (query.isPending) return <Loading what="the follow-up" />;
  const convo = query.data;
  const act = (label: string, body: Parameters<typeof change.mutate>[0]) => <Button disabledFocusable={change.isPending} onClick={() => change.mutate(body)}>{label}</Button>;
  const running = convo?.status === 'active';
  const paused = running && convo.pausedUntil !== undefined && convo.pauseReason !== 'newsLost';
  const ended = convo?.rule !== undefined && !running;
  return (
    <Card label="Follow-up">
      <Heading>Follow-up{convo?.rule?.name ? `: ${convo.rule.name}` : ''}</Heading>
      <Quiet>{conversationText(convo)}</Quiet>
      {!onChoose && convo?.status === 'ruleIncomplete' && <Quiet small>Fill it in beside this message in Outlook on a computer.</Quiet>}
      {change.error && <ProblemNote problem={problemOf(change.error)} />}
      <Row>
        {paused && act('Resume', { resume: true })}
        {running && (onChoose || !paused) && act('Skip step', { skipStep: true })}
        {running && onChoose && <Button onClick={onChoose}>Change</Button>}
        {running && act('Stop', { status: 'disabled' })}
        {ended && onChoose && convo.status === 'ruleIncomplete' && <Button appearance="primary" onClick={onChoose}>Fill in</Button>}
        {ended && convo.status !== 'ruleIncomplete' && act('Start again', { status: 'active', restart: true })}
        {!convo?.rule && onChoose && <Button onClick={onChoose}>Start a follow-up</Button>}
      </Row>
    </Card>
  );
}

/** How a follow-up stands, in one sentence. */
export function conversationText(convo: Conversation | null | undefined): string {
  if (!convo?.rule) return 'None.';
  const responder = convo.dripResponder ?? 'the recipient';
  switch (convo.status) {
    case 'active':
      if (convo.pauseReason === 'newsLost') return 'Waiting: an answer may have been missed. Whoever runs Sundial’s server has to look.';
      if (convo.pausedUntil) return `Paused: away until ${dayText(convo.pausedUntil)}.`;
      return convo.nextAt ? `Next: ${dayTime(convo.nextAt)}` : 'Running.';
    case 'ruleIncomplete':
      return `Not sent: ${(convo.missing ?? []).map(fieldLabel).join(', ').toLowerCase() || 'a field is'} missing.`;
    case 'failed':
      return convo.stopReason === 'inDoubt' ? 'The connection broke while a step was sent; it may have arrived. Nothing more was sent.' : `Not sent: ${convo.dripError ?? 'the mail server refused it'}.`;
    default:
      switch (convo.stopReason) {
        case 'answered': return `Stopped: ${responder} answered.`;
        case 'bounced': return 'Stopped: the mail bounced.';
        case 'optedOut': return `Stopped: ${responder} opted out.`;
        case 'booked': return `Stopped: ${responder} booked a time.`;
        case 'ruleDeleted': return 'Stopped: its sequence was deleted.';
        case 'completed': return 'Finished: all steps were sent.';
        default: return convo.status === 'finished' ? 'Finished: all steps were sent.' : 'Stopped by you.';
      }
  }
}
