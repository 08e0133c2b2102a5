import { Button, Field, Input } from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState, type ReactElement } from 'react';
import { DaysInput } from '../../ui/DaysInput.tsx';
import { Confirm, LeaveGuard } from '../../ui/LeaveGuard.tsx';
import { Actions, Card, Detail, Heading, Quiet, Row, Stack } from '../../ui/layout.tsx';
import { RichText } from '../../ui/RichText.tsx';
import { textOfHtml } from '../../ui/safe-html.ts';
import { ProblemNote, Slow } from '../../ui/states.tsx';
import { isSequence, type Rule } from '../followup/rules.ts';
import { problemOf, usePane } from '../pane.ts';
import { ExportButton } from './ExportButton.tsx';
import { RulePreview, type UnsavedRule } from './RulePreview.tsx';
import { COUNTING, usageText, useUsage } from './usage.ts';

interface Step {
  readonly days: number;
  readonly html: string;
}

interface Form {
  readonly name: string;
  readonly subject: string;
  readonly body: string;
  readonly steps: readonly Step[];
}

/** The server fills the first four from recipient and sender; all others are asked when they are needed. */
const FIELDS = ['firstName', 'name', 'email', 'senderName', 'company'];
const FIRST_STEP: Step = { days: 3, html: '<p>Hello {{firstName}},</p><p>have you had a moment to look at this?</p>' };

function formOf(rule: Rule | 'template' | 'sequence'): Form {
  if (rule === 'template') return { name: '', subject: '', body: '', steps: [] };
  if (rule === 'sequence') return { name: '', subject: '', body: '', steps: [FIRST_STEP] };
  return {
    name: rule.name ?? '', subject: rule.templateSubject ?? '', body: rule.templateBody ?? '',
    steps: (rule.actions ?? []).map((a) => ({ days: a.intervalDays ?? 0, html: a.message ?? '' })),
  };
}

const isEmpty = (html: string): boolean => !textOfHtml(html);

function bodyOf(form: Form): UnsavedRule {
  return {
    name: form.name.trim(),
    workingDays: true,
    ...(form.subject.trim() ? { templateSubject: form.subject.trim() } : {}),
    ...(isEmpty(form.body) ? {} : { templateBody: form.body }),
    // A step without a text of its own sends the template's.
    actions: form.steps.map((s) => ({ intervalDays: s.days, ...(isEmpty(s.html) ? {} : { message: s.html }) })),
  };
}

export function RuleEditor({ rule, onBack }: { readonly rule: Rule | 'template' | 'sequence'; readonly onBack: () => void }): ReactElement {
  const { api } = usePane();
  const client = useQueryClient();
  const id = useId();
  const [form, setForm] = useState(() => formOf(rule));
  const [first] = useState(form);
  const [asking, setAsking] = useState<'leave' | 'delete' | null>(null);
  const stored = typeof rule === 'string' ? null : rule;
  const sequence = rule === 'sequence' || form.steps.length > 0 || (stored !== null && isSequence(stored));
  const problem = !form.name.trim() ? 'Give it a name.'
    : !form.steps.length && isEmpty(form.body) ? 'Write a text, or add a step.'
    : form.steps.some((s) => isEmpty(s.html)) && isEmpty(form.body) ? 'Each step needs a text.' : null;

  const save = useMutation({
    mutationFn: async () => {
      const body = bodyOf(form);
      if (stored) await api.call('PUT /v1/followup/rules/{id}', { params: { id: stored.id }, body });
      else await api.call('POST /v1/followup/rules', { body });
      await client.invalidateQueries({ queryKey: ['rules'] });
    },
  });
  const remove = useMutation({
    mutationFn: async () => {
      await api.call('DELETE /v1/followup/rules/{id}', { params: { id: stored!.id } });
      await client.invalidateQueries({ queryKey: ['rules'] });
    },
  });
  const usage = useUsage();
  // Who has left meanwhile may be in another editor, which this must not close.
  const saveIt = () => save.mutate(undefined, { onSuccess: onBack });
  const removeIt = () => remove.mutate(undefined, { onSuccess: onBack });
  // What is typed while it is saved would be lost with the view.
  const busy = save.isPending || remove.isPending;
  const leave = () => (remove.isPending || JSON.stringify(form) === JSON.stringify(first) ? onBack() : setAsking('leave'));
  const setStep = (at: number, part: Partial<Step>) => setForm({ ...form, steps: form.steps.map((s, i) => (i === at ? { ...s, ...part } : s)) });
  const kind = sequence ? 'sequence' : 'template';

  return (
    <Detail title={stored ? stored.name ?? `The ${kind}` : `New ${kind}`} onBack={leave}>
      {asking === 'leave' && <LeaveGuard saving={save.isPending} onSave={() => {
        setAsking(null);
        if (!problem) saveIt();
      }} onDiscard={onBack} onKeep={() => setAsking(null)} />}
      <div inert={busy}><Stack>
        <Field label="Name" required><Input value={form.name} onChange={(_, { value }) => setForm({ ...form, name: value })} /></Field>
        {!sequence && <Field label="Subject (optional)"><Input value={form.subject} onChange={(_, { value }) => setForm({ ...form, subject: value })} /></Field>}
        {!sequence && <RichText label="Body" value={form.body} fields={FIELDS} onChange={(body) => setForm((now) => ({ ...now, body }))} />}
        {form.steps.map((step, i) => (
          <Card key={i} label={`Step ${i + 1}`}>
            <Heading level={3}>Step {i + 1}</Heading>
            <Row>
              <span id={`${id}wait${i}`}>Wait</span>
              <DaysInput labelledBy={`${id}wait${i} ${id}then${i}`} most={365} value={step.days} onChange={(days) => setStep(i, { days })} />
              <span id={`${id}then${i}`}>working {step.days === 1 ? 'day' : 'days'}, then</span>
            </Row>
            <RichText label="Text" value={step.html} fields={FIELDS} onChange={(html) => setForm((now) => ({ ...now, steps: now.steps.map((s, n) => (n === i ? { ...s, html } : s)) }))} />
            {form.steps.length > 1 && <Row><Button size="small" appearance="subtle" onClick={() => setForm({ ...form, steps: form.steps.filter((_, n) => n !== i) })}>Remove step {i + 1}</Button></Row>}
          </Card>
        ))}
        {sequence && <Row><Button onClick={() => setForm({ ...form, steps: [...form.steps, { days: 3, html: '' }] })}>Add a step</Button></Row>}
      </Stack></div>
      <RulePreview rule={bodyOf(form)} />
      {problem && <Quiet small>{problem}</Quiet>}
      {stored && usage.data && <Quiet small>{usageText(usage.data.get(stored.id))}. {COUNTING}</Quiet>}
      <Actions outcome={<>
        {busy && <Slow doing={save.isPending ? 'saving' : 'deleting'} />}
        {save.error && <ProblemNote problem={problemOf(save.error, saveIt)} />}
        {remove.error && <ProblemNote problem={problemOf(remove.error, removeIt)} />}
        {asking === 'delete' && (
          <Confirm
            text={stored?.running ? `${stored.running} running follow-up${stored.running === 1 ? '' : 's'} will stop.` : `This ${kind} will be deleted.`}
            action="Delete" busy={remove.isPending} onConfirm={removeIt} onCancel={() => setAsking(null)}
          />
        )}
      </>}>
        <Button appearance="primary" disabled={problem !== null} disabledFocusable={busy} onClick={saveIt}>{save.isPending ? 'Saving…' : 'Save'}</Button>
        {stored && asking !== 'delete' && <Button appearance="subtle" disabledFocusable={busy} onClick={() => setAsking('delete')}>Delete</Button>}
        {stored && <ExportButton rule={stored} label="Export" />}
      </Actions>
    </Detail>
  );
}
