import { useQueryClient } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import type { Recipient } from '../../office/compose.ts';
import { Detail } from '../../ui/layout.tsx';
import { Loading } from '../../ui/states.tsx';
import { usePane } from '../pane.ts';
import { useConversation } from './FollowUpCard.tsx';
import { FollowUpPicker } from './FollowUpPicker.tsx';

/** Starts or changes the follow-up of a thread that has been sent. */
export function StartFollowUp({ threadId, recipients, subject, onBack }: {
  readonly threadId: string; readonly recipients: readonly Recipient[]; readonly subject: string; readonly onBack: () => void;
}): ReactElement {
  const { api } = usePane();
  const client = useQueryClient();
  const convo = useConversation(threadId);
  if (convo.isPending) return <Detail title="Follow-up" onBack={onBack}><Loading what="the follow-up" /></Detail>;
  const now = convo.data;
  const current = now?.rule ? { ruleId: now.rule.id, afterDays: now.rule.actions?.[0]?.intervalDays ?? 3, actionVars: now.actionVars ?? {}, targets: now.targets ?? [] } : null;
  return (
    <FollowUpPicker
      item={{ threadId, recipients: async () => recipients, subject: async () => subject }}
      current={current}
      onBack={onBack}
      onUse={async (choice) => {
        const saved = await api.call('PUT /v1/followup/conversations/{convoId}', { params: { convoId: threadId }, body: { ...choice, status: 'active', workingDays: true } });
        client.setQueryData(['conversation', threadId], saved);
        onBack();
      }}
    />
  );
}
