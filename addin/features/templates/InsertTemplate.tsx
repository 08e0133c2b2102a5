import { Button, Field, Input, SearchBox } from '@fluentui/react-components';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import type { ComposeItem, Recipient } from '../../office/compose.ts';
import { HtmlPreview } from '../../ui/html.tsx';
import { Detail, Quiet, Row, Stack } from '../../ui/layout.tsx';
import { Empty, Loading, ProblemNote } from '../../ui/states.tsx';
import { useDelayed } from '../../ui/useDelayed.ts';
import { fieldLabel, isTemplate, useRules, type Rule } from '../followup/rules.ts';
import { noteTemplate } from '../message/draft-templates.ts';
import { isStale, problemOf, usePane } from '../pane.ts';
import { previewTarget } from './preview-target.ts';

/** A template with its fields filled in: no {{variable}} ever reaches a body. */
export interface FilledTemplate {
  readonly subject: string | undefined;
  readonly html: string;
  readonly ruleId: number;
}

interface ChooserProps {
  readonly title: string;
  readonly action: string;
  readonly recipients: () => Promise<readonly Recipient[]>;
  readonly onBack: () => void;
  readonly onUse: (filled: FilledTemplate) => Promise<void>;
}

/** `trackingCode`: of the draft, where it is tracked. */
export function InsertTemplate({ item, trackingCode, onBack }: { readonly item: ComposeItem; readonly trackingCode?: string | undefined; readonly onBack: () => void }): ReactElement {
  const { api } = usePane();
  return (
    <TemplateChooser title="Insert a template" action="Insert" recipients={() => item.recipients()} onBack={onBack} onUse={async (filled) => {
      await item.insert(filled.html, plainText(filled.html));
      // A subject that the person has written stays.
      if (filled.subject && !(await item.subject()).trim()) await item.setSubject(filled.subject);
      await noteTemplate(item, api, filled.ruleId, trackingCode);
      onBack();
    }} />
  );
}

/** Search, choose, fill in, look at it, use it. */
export function TemplateChooser({ title, action, recipients, onBack, onUse }: ChooserProps): ReactElement {
  const rules = useRules();
  const people = useQuery({ queryKey: ['template-recipients'], gcTime: 0, queryFn: recipients });
  const [search, setSearch] = useState('');
  const [chosen, setChosen] = useState<Rule | null>(null);
  if (chosen && people.data) {
    return (
      <Detail title={chosen.name ?? 'Template'} onBack={() => setChosen(null)}>
        <FillTemplate rule={chosen} recipients={people.data} action={action} onUse={onUse} />
      </Detail>
    );
  }
  const templates = rules.data?.filter(isTemplate) ?? [];
  const words = search.toLowerCase();
  const found = templates.filter((t) => `${t.name ?? ''} ${t.templateSubject ?? ''} ${plainText(t.templateBody ?? '')}`.toLowerCase().includes(words));
  const failed = rules.error ?? (isStale(people.error) ? null : people.error);
  return (
    <Detail title={title} onBack={onBack}>
      {failed ? <ProblemNote problem={problemOf(failed, () => void rules.refetch())} /> : !rules.data || !people.data ? <Loading what="your templates" /> : (
        <Stack>
          {templates.length > 4 && <SearchBox placeholder="Search templates" aria-label="Search templates" value={search} onChange={(_, { value }) => setSearch(value)} />}
          {!templates.length && <Empty>No template yet. Make one in Settings, Templates and sequences.</Empty>}
          {templates.length > 0 && !found.length && <Empty>No template matches “{search}”.</Empty>}
          <Stack tight>
            {found.map((t) => (
              <Button key={t.id} style={{ justifyContent: 'flex-start', textAlign: 'left', minHeight: 44 }} onClick={() => setChosen(t)}>
                <span style={{ minWidth: 0, overflowWrap: 'anywhere' }}>{t.name ?? 'Unnamed'}{t.templateSubject ? <Quiet small>{t.templateSubject}</Quiet> : null}</span>
              </Button>
            ))}
          </Stack>
        </Stack>
      )}
    </Detail>
  );
}

function FillTemplate({ rule, recipients, action, onUse }: { readonly rule: Rule; readonly recipients: readonly Recipient[]; readonly action: string; readonly onUse: ChooserProps['onUse'] }): ReactElement {
  const { api } = usePane();
  const [vars, setVars] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const asked = useDelayed(JSON.stringify(Object.fromEntries(Object.entries(vars).map(([k, v]) => [k, v.trim()]).filter(([, v]) => v))), 250);
  const first = recipients[0];
  const preview = useQuery({
    queryKey: ['template-preview', rule.id, asked, first?.email],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.call('POST /v1/followup/preview', {
      body: { ruleId: rule.id, actionVars: JSON.parse(asked) as Record<string, string>, ...previewTarget(first) },
    }, { signal }),
  });
  const filled = preview.data?.template;
  // Fields that were filled in stay on the screen, so that they can be mended.
  const fields = [...new Set([...Object.keys(vars), ...(filled?.missing ?? [])])];
  const missing = filled?.missing ?? [];
  const pending = preview.isPlaceholderData || asked !== JSON.stringify(Object.fromEntries(Object.entries(vars).map(([k, v]) => [k, v.trim()]).filter(([, v]) => v)));

  const use = async () => {
    if (!filled) return;
    setBusy(true);
    setFailure(null);
    try {
      await onUse({ subject: filled.subject, html: filled.html ?? '', ruleId: rule.id });
    } catch (error) {
      if (!isStale(error)) setFailure(error);
      setBusy(false);
    }
  };

  if (preview.error && !preview.data) return <ProblemNote problem={problemOf(preview.error, () => void preview.refetch())} />;
  if (!filled) return <Loading what="the preview" />;
  return (
    <Stack>
      {fields.map((name) => (
        <Field key={name} label={fieldLabel(name)} required>
          <Input value={vars[name] ?? ''} onChange={(_, { value }) => setVars({ ...vars, [name]: value })} />
        </Field>
      ))}
      {filled.subject && <Quiet>Subject: {filled.subject}</Quiet>}
      <HtmlPreview html={filled.html ?? ''} title="The template with its fields filled in" />
      {failure !== null && <ProblemNote problem={problemOf(failure, () => void use())} />}
      <Row><Button appearance="primary" disabled={pending || missing.length > 0} disabledFocusable={busy} onClick={() => void use()}>{action}</Button></Row>
      {missing.length > 0 && <Quiet small>Fill in {missing.map(fieldLabel).join(', ')} first.</Quiet>}
    </Stack>
  );
}

/** The text of a small HTML of ours, with its lines, for messages that are plain text. */
export function plainText(html: string): string {
  const doc = new DOMParser().parseFromString(html.replace(/<br\s*\/?>|<\/(p|div|li|h[1-6])>/gi, (tag) => `${tag}\n`), 'text/html');
  for (const link of doc.querySelectorAll('a[href]')) {
    const href = link.getAttribute('href') ?? '';
    if (href && !link.textContent?.includes(href)) link.textContent = `${link.textContent ?? ''}: ${href}`;
  }
  return (doc.body.textContent ?? '').replace(/\n{3,}/g, '\n\n').trim();
}
