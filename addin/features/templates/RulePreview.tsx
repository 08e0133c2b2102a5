import { Button } from '@fluentui/react-components';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState, useSyncExternalStore, type ReactElement } from 'react';
import type { Output } from '../../api.ts';
import type { Recipient } from '../../office/compose.ts';
import { currentItem, onItemChanged, type Item } from '../../office/item.ts';
import { HtmlPreview } from '../../ui/html.tsx';
import { Card, Heading, Quiet, Row, Stack } from '../../ui/layout.tsx';
import { Loading, Note, ProblemNote } from '../../ui/states.tsx';
import { dayTime } from '../../ui/time.tsx';
import { useDelayed } from '../../ui/useDelayed.ts';
import { fieldLabel } from '../followup/rules.ts';
import { isStale, problemOf, usePane } from '../pane.ts';
import { addressable, previewTarget } from './preview-target.ts';

/** As the server takes a rule that is not saved yet. */
export interface UnsavedRule {
  readonly name: string;
  readonly workingDays: boolean;
  readonly templateSubject?: string;
  readonly templateBody?: string;
  readonly actions: { intervalDays: number; message?: string }[];
}

interface Chosen {
  readonly person: Recipient | undefined;
  readonly subject: string;
}

/** Who the message that is chosen in Outlook goes to, or came from. */
async function personOf(item: Item): Promise<Chosen> {
  if (item.kind === 'none') return { person: undefined, subject: '' };
  if (item.kind === 'read') return { person: item.sent ? item.recipients[0] : item.from ?? undefined, subject: item.subject };
  const [people, subject] = await Promise.all([item.recipients(), item.subject()]);
  return { person: people[0], subject };
}

/** The fields that only the message's recipient can fill. */
const RECIPIENT_FIELDS: ReadonlySet<string> = new Set(['name', 'firstName', 'email']);

/** The rendered text as the server would send it to that person, following the form and the chosen message as they change. */
export function RulePreview({ rule }: { readonly rule: UnsavedRule }): ReactElement {
  const [open, setOpen] = useState(false);
  return (
    <Stack>
      <Row><Button aria-expanded={open} onClick={() => setOpen(!open)}>Preview</Button></Row>
      {open && <Rendered rule={rule} />}
    </Stack>
  );
}

function Rendered({ rule }: { readonly rule: UnsavedRule }): ReactElement {
  const { api } = usePane();
  const item = useSyncExternalStore(onItemChanged, currentItem);
  const chosen = useQuery({ queryKey: ['preview-person', item.kind, item.sequence], gcTime: 0, queryFn: () => personOf(item) });
  const asked = useDelayed(JSON.stringify(rule), 300);
  const person = addressable(chosen.data?.person);
  const subject = chosen.data?.subject ?? '';
  const preview = useQuery({
    queryKey: ['rule-preview', asked, person, subject],
    enabled: chosen.isSuccess,
    gcTime: 0,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.call('POST /v1/followup/preview', {
      body: { rule: JSON.parse(asked) as UnsavedRule, ...(subject ? { subject } : {}), ...previewTarget(person) },
    }, { signal }),
  });
  if (chosen.error && !isStale(chosen.error)) return <ProblemNote problem={problemOf(chosen.error, () => void chosen.refetch())} />;
  if (preview.error) return <ProblemNote problem={problemOf(preview.error, () => void preview.refetch())} />;
  if (!preview.data) return <Loading what="the preview" />;
  return (
    <Card label="Preview">
      <Quiet small>{person ? `For ${person.name === person.email ? person.email : `${person.name} (${person.email})`}, of the chosen message.` : 'No message with a recipient is chosen, so what depends on the recipient stays open.'}</Quiet>
      <Missing data={preview.data} known={person !== undefined} />
      <TemplatePart template={preview.data.template} hasSteps={preview.data.steps.length > 0} />
      {preview.data.steps.length > 0 && (
        <>
          <Heading level={3}>If started now</Heading>
          <Quiet small>Times of {preview.data.timezone.replaceAll('_', ' ')}, within your working hours.</Quiet>
          <ol style={{ margin: 0, paddingLeft: '1.5rem', display: 'flex', flexDirection: 'column', gap: 8 }}>
            {preview.data.steps.map((step) => (
              <li key={step.num}>
                <Stack tight>
                  <time dateTime={step.plannedAt}>{dayTime(step.plannedAt)}</time>
                  {step.subject.trim() !== 'Re:' && <Quiet small>{step.subject}</Quiet>}
                  <HtmlPreview html={step.html} title={`Step ${step.num} as it will be sent`} />
                </Stack>
              </li>
            ))}
          </ol>
        </>
      )}
    </Card>
  );
}

type Preview = Output<'POST /v1/followup/preview'>;

/** A rule whose steps have texts of their own shows its template only where it has one too. */
function TemplatePart({ template, hasSteps }: { readonly template: Preview['template']; readonly hasSteps: boolean }): ReactElement | null {
  if (!template?.html && !template?.subject) return null;
  return (
    <Stack tight>
      {hasSteps && <Heading level={3}>Template</Heading>}
      {template.subject && <span>Subject: {template.subject}</span>}
      {template.html && <HtmlPreview html={template.html} title="The template as it will be inserted" />}
    </Stack>
  );
}

function Missing({ data, known }: { readonly data: Preview; readonly known: boolean }): ReactElement | null {
  const all = [...new Set([...data.template?.missing ?? [], ...data.missing])];
  const asked = all.filter((name) => !RECIPIENT_FIELDS.has(name));
  const unknown = all.filter((name) => RECIPIENT_FIELDS.has(name));
  if (!all.length) return null;
  return (
    <Note><Stack tight>
      {asked.length > 0 && <span>Asked when it is used: {asked.map(fieldLabel).join(', ')}.</span>}
      {unknown.length > 0 && <span>{known ? 'Not known of this recipient' : 'Filled from the recipient'}: {unknown.map(fieldLabel).join(', ')}.</span>}
    </Stack></Note>
  );
}
