import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError } from '../../api.ts';
import type { DraftTracking } from '../message/useDraftTracking.ts';
import { isStale, usePane } from '../pane.ts';
import { useRules, type FollowUpChoice } from './rules.ts';

export interface DraftFollowUpState {
  readonly current: (FollowUpChoice & { readonly name: string; readonly nextAt: string | undefined }) | null;
  readonly loading: boolean;
  readonly failure: unknown;
  readonly use: (choice: FollowUpChoice) => Promise<void>;
  readonly remove: () => Promise<void>;
}

/** The follow-up that starts when the draft is sent; bound to the draft's tracking code, by which the sent message is known. */
export function useDraftFollowUp(tracking: DraftTracking): DraftFollowUpState {
  const { api } = usePane();
  const client = useQueryClient();
  const rules = useRules();
  const [failure, setFailure] = useState<unknown>(null);
  const code = tracking.state === 'on' || tracking.state === 'working' ? tracking.draft?.code : undefined;

  const stored = useQuery({
    queryKey: ['followup-draft', code],
    enabled: code !== undefined,
    queryFn: async () => {
      try {
        return await api.call('GET /v1/followup/drafts/{trackingCode}', { params: { trackingCode: code! } });
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
  });
  const draft = code ? stored.data ?? null : null;

  const preview = useQuery({
    queryKey: ['followup-next', draft?.ruleId, draft?.afterDays, draft?.targets],
    enabled: draft !== null,
    queryFn: () => api.call('POST /v1/followup/preview', {
      body: { ruleId: draft!.ruleId, ...(draft!.targets?.length ? { targets: draft!.targets } : {}), actionVars: draft!.actionVars, workingDays: draft!.workingDays ?? true, ...(draft!.afterDays === undefined ? {} : { afterDays: draft!.afterDays }) },
    }),
  });

  const guarded = async (work: () => Promise<void>) => {
    setFailure(null);
    try {
      await work();
    } catch (error) {
      if (!isStale(error)) setFailure(error);
      throw error;
    }
  };

  return {
    current: draft && {
      ruleId: draft.ruleId,
      name: draft.rule?.name ?? rules.data?.find((r) => r.id === draft.ruleId)?.name ?? 'Follow-up',
      afterDays: draft.afterDays ?? draft.rule?.actions?.[0]?.intervalDays ?? 3,
      actionVars: draft.actionVars,
      ...(draft.targets?.length ? { targets: draft.targets } : {}),
      nextAt: preview.data?.steps[0]?.plannedAt,
    },
    loading: code !== undefined && stored.isPending,
    failure,
    use: (choice) => guarded(async () => {
      const armed = await tracking.ensure();
      const saved = await api.call('PUT /v1/followup/drafts/{trackingCode}', { params: { trackingCode: armed.code }, body: { ...choice, workingDays: true } });
      client.setQueryData(['followup-draft', armed.code], saved);
    }),
    remove: () => guarded(async () => {
      if (!code) return;
      await api.call('DELETE /v1/followup/drafts/{trackingCode}', { params: { trackingCode: code } });
      client.setQueryData(['followup-draft', code], null);
    }).catch(() => {}),
  };
}
