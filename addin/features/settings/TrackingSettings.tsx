import { Button } from '@fluentui/react-components';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { Confirm } from '../../ui/LeaveGuard.tsx';
import { Detail, Quiet, Row } from '../../ui/layout.tsx';
import { Loading, Note, ProblemNote } from '../../ui/states.tsx';
import { problemOf, usePane } from '../pane.ts';
import { POLICY_TEXT } from '../tracking-policy.ts';

export function TrackingSettings({ onBack }: { readonly onBack: () => void }): ReactElement {
  const { api } = usePane();
  const client = useQueryClient();
  const policy = useQuery({ queryKey: ['tracking-policy'], queryFn: () => api.call('GET /v1/email/tracking/policy') });
  const [asking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => api.call('DELETE /v1/email/tracking'),
    onSuccess: async () => {
      setAsking(false);
      await Promise.all([client.invalidateQueries({ queryKey: ['tracking'] }), client.invalidateQueries({ queryKey: ['activity'] })]);
    },
  });
  return (
    <Detail title="Tracking" onBack={onBack}>
      {policy.error ? <ProblemNote problem={problemOf(policy.error, () => void policy.refetch())} /> : !policy.data ? <Loading what="the policy" /> : (
        <>
          <Quiet>{POLICY_TEXT[policy.data.policy]}</Quiet>
          <Quiet>{policy.data.retentionMonths ? `What was recorded is deleted after ${policy.data.retentionMonths} months.` : 'What was recorded is kept until it is deleted.'}</Quiet>
        </>
      )}
      {remove.error && <ProblemNote problem={problemOf(remove.error, () => remove.mutate())} />}
      {remove.isSuccess && !asking && <Note>Your tracking data has been deleted.</Note>}
      {asking
        ? <Confirm text="All opens, clicks and answers recorded for you will be deleted for good. Links in mail already sent keep working." action="Delete my tracking data" busy={remove.isPending} onConfirm={() => remove.mutate()} onCancel={() => setAsking(false)} />
        : <Row><Button onClick={() => setAsking(true)}>Delete my tracking data</Button></Row>}
    </Detail>
  );
}
