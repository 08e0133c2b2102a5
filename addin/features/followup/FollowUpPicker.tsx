import { Button, Checkbox, Field, Input, Radio, RadioGroup } from '@fluentui/react-components';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useId, useState, type ReactElement } from 'react';
import type { Recipient } from '../../office/compose.ts';
import { roaming, setRoaming } from '../../office/settings.ts';
import { DaysInput } from '../../ui/DaysInput.tsx';
import { HtmlPreview } from '../../ui/html.tsx';
import { Actions, Detail, LinkButton, Quiet, Row, Stack } from '../../ui/layout.tsx';
import { Empty, Loading, ProblemNote } from '../../ui/states.tsx';
import { dayTime } from '../../ui/time.tsx';
import { useDelayed } from '../../ui/useDelayed.ts';
import { isStale, problemOf, usePane } from '../pane.ts';
import { fieldLabel, isSequence, useRules, type FollowUpChoice, type Rule } from './rules.ts';

/** Where the follow-up will run: a message being written, or a thread that has been sent. */
export interface FollowUpSubject {
  recipients(): Promise<readonly Recipient[]>;
  subject(): Promise<string>;
  readonly threadId?: string;
}

interface PickerProps {
  readonly item: FollowUpSubject;
  readonly current: FollowUpChoice | null;
  readonly onBack: () => void;
  readonly onUse: (choice: FollowUpChoice) => Promise<void>;
}

export function FollowUpPicker({ item, current, onBack, onUse }: PickerProps): ReactElement {
  const rules = useRules();
  const facts = useQuery({
    queryKey: ['picker-facts'],
    gcTime: 0,
    queryFn: async () => ({ recipients: await item.recipients(), subject: await item.subject() }),
  });
  const failed = rules.error ?? (isStale(facts.error) ? null : facts.error);
  const sequences = rules.data?.filter(isSequence);
  return (
    <Detail title="Follow-up" onBack={onBack}>
      {failed ? <ProblemNote problem={problemOf(failed, () => void rules.refetch())} />
        : !sequences || !facts.data ? <Loading what="your sequences" />
        : !sequences.length ? <Empty>No sequence yet. Make one in Settings, Templates and sequences.</Empty>
        : <PickerForm sequences={sequences} recipients={facts.data.recipients} subject={facts.data.subject} threadId={item.threadId} current={current} onBack={onBack} onUse={onUse} />}
    </Detail>
  );
}

function PickerForm({ sequences, recipients, subject, threadId, current, onBack, onUse }: Omit<PickerProps, 'item'> & {
  readonly sequences: readonly Rule[]; readonly recipients: readonly Recipient[]; readonly subject: string; readonly threadId: string | undefined;
}): ReactElement {
  const { api } = usePane();
  const [ruleId, setRuleId] = useState(() => {
    const wanted = current?.ruleId ?? roaming('followupRule', Number);
    return (sequences.find((r) => r.id === wanted) ?? sequences.find((r) => r.name === 'Gentle nudge') ?? sequences[0]!).id;
  });
  const rule = sequences.find((r) => r.id === ruleId)!;
  const id = useId();
  const ids = { before: `${id}before`, after: `${id}after` };
  const [days, setDays] = useState<number | null>(current?.afterDays ?? null);
  const afterDays = days ?? rule.actions?.[0]?.intervalDays ?? 3;
  const [targets, setTargets] = useState<readonly string[]>(() => (current?.targets?.length ? current.targets : recipients.map((r) => r.email)));
  const [vars, setVars] = useState<Record<string, string>>(current?.actionVars ?? {});
  const [shown, setShown] = useState<number | null>(null);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);

  const asked = useDelayed(JSON.stringify({ ruleId, afterDays, targets: targets.length ? targets : undefined, actionVars: filled(vars), subject, threadId }), 250);
  const preview = useQuery({
    queryKey: ['followup-preview', asked],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => {
      const input = JSON.parse(asked) as { ruleId: number; afterDays: number; targets?: string[]; actionVars: Record<string, string>; subject: string; threadId?: string };
      return api.call('POST /v1/followup/preview', { body: { ...input, workingDays: true, targetNames: Object.fromEntries(recipients.map((r) => [r.email, r.name])) } }, { signal });
    },
  });
  // A field stays on the screen after it is filled, or typing its first letter would take it away.
  const [asking, setAsking] = useState<readonly string[]>(Object.keys(vars));
  useEffect(() => {
    const more = preview.data?.missing.filter((name) => !asking.includes(name)) ?? [];
    // The server alone knows which variables a rule leaves open.
    // eslint-disable-next-line react-hooks/set-state-in-effect
    if (more.length) setAsking([...asking, ...more]);
  }, [preview.data, asking]);
  const missing = (preview.data?.missing ?? []).filter((name) => !vars[name]?.trim());

  const use = async () => {
    setBusy(true);
    setFailure(null);
    try {
      setRoaming('followupRule', ruleId);
      await onUse({ ruleId, afterDays, actionVars: filled(vars), ...(targets.length ? { targets: [...targets] } : {}) });
    } catch (error) {
      if (!isStale(error)) setFailure(error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Stack>
      <Row>
        <span id={ids.before}>If nobody answers in</span>
        <DaysInput labelledBy={`${ids.before} ${ids.after}`} most={60} value={afterDays} onChange={setDays} />
        <span id={ids.after}>working {afterDays === 1 ? 'day' : 'days'}, send</span>
      </Row>
      <RadioGroup value={String(ruleId)} onChange={(_, { value }) => {
        setRuleId(Number(value));
        setDays(null);
      }}>
        {sequences.map((r) => <Radio key={r.id} value={String(r.id)} label={`${r.name ?? 'Unnamed'} · ${r.actions!.length} step${r.actions!.length === 1 ? '' : 's'}`} />)}
      </RadioGroup>
      {recipients.length > 0 && (
        <fieldset style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
          <legend style={{ padding: 0 }}>To</legend>
          {recipients.map((r) => (
            <div key={r.email}><Checkbox label={r.name === r.email ? r.email : `${r.name} (${r.email})`} checked={targets.includes(r.email)} onChange={(_, { checked }) => setTargets(checked ? [...targets, r.email] : targets.filter((t) => t !== r.email))} /></div>
          ))}
        </fieldset>
      )}
      {!recipients.length && <Quiet small>It goes to the recipients of the message when it is sent.</Quiet>}
      {asking.map((name) => (
        <Field key={name} label={fieldLabel(name)} required>
          <Input value={vars[name] ?? ''} onChange={(_, { value }) => setVars({ ...vars, [name]: value })} />
        </Field>
      ))}
      {preview.error && !isStale(preview.error) && <ProblemNote problem={problemOf(preview.error, () => void preview.refetch())} />}
      {preview.data && (
        <Stack tight>
          <Quiet>{threadId ? 'If started now' : 'If sent now'} ({preview.data.timezone})</Quiet>
          <ol style={{ margin: 0, paddingLeft: '1.5rem' }}>
            {preview.data.steps.map((step) => (
              <li key={step.num} style={{ paddingBottom: 4 }}>
                <Row>
                  <time dateTime={step.plannedAt}>{dayTime(step.plannedAt)}</time>
                  <LinkButton expanded={shown === step.num} onClick={() => setShown(shown === step.num ? null : step.num)}>Preview</LinkButton>
                </Row>
                {shown === step.num && <Stack tight><b>{step.subject}</b><HtmlPreview html={step.html} title={`Step ${step.num} as it will be sent`} /></Stack>}
              </li>
            ))}
          </ol>
        </Stack>
      )}
      <Quiet small>Stops on answer, bounce, opt-out.</Quiet>
      {missing.length > 0 && <Quiet small>Fill in {missing.map(fieldLabel).join(', ')} first.</Quiet>}
      <Actions outcome={failure !== null && <ProblemNote problem={problemOf(failure, () => void use())} />}>
        <Button appearance="primary" disabledFocusable={busy} disabled={missing.length > 0 || !preview.data || (recipients.length > 0 && !targets.length)} onClick={() => void use()}>{threadId ? 'Start follow-up' : 'Use follow-up'}</Button>
        <Button onClick={onBack}>Cancel</Button>
      </Actions>
    </Stack>
  );
}

const filled = (vars: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(vars).map(([k, v]) => [k, v.trim()]).filter(([, v]) => v));
