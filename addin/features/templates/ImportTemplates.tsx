import { Button, Field, Textarea, makeStyles, tokens } from '@fluentui/react-components';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState, type ReactElement } from 'react';
import type { Output } from '../../api.ts';
import { useAnnounce } from '../../ui/announcer.tsx';
import { Card, Detail, Heading, Quiet, Row, Stack } from '../../ui/layout.tsx';
import { ProblemNote, type Problem } from '../../ui/states.tsx';
import { problemOf, usePane } from '../pane.ts';
import { FileProblem, parseTemplatesFile, placeOf, readTemplatesFile } from './file.ts';

type Plan = Output<'POST /v1/followup/rules/import'>;
/** The server judges what is in a file; here it is only known to be an object. */
type FileBody = { format: 'sundial-templates'; version: 1; rules: Record<string, unknown>[] };

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0, display: 'flex', flexDirection: 'column', gap: '8px' },
  row: { borderLeft: `3px solid ${tokens.colorNeutralStroke1}`, paddingLeft: '8px', overflowWrap: 'anywhere' },
  add: { borderLeftColor: tokens.colorBrandStroke1 },
  refuse: { borderLeftColor: tokens.colorStatusDangerBorder2 },
});

/** Choose a file, see what it would do, then do all of it at once. Nothing that is here is changed by a file. */
export function ImportTemplates({ onBack, onDone }: { readonly onBack: () => void; readonly onDone: (said: string) => void }): ReactElement {
  const { api } = usePane();
  const client = useQueryClient();
  const announce = useAnnounce();
  const input = useRef<HTMLInputElement>(null);
  const [pasted, setPasted] = useState('');
  const call = (body: FileBody, dryRun: boolean): Promise<Plan> => api.call('POST /v1/followup/rules/import', { query: { dryRun, skipRefused: true }, body });
  const look = useMutation({
    mutationFn: async (source: File | string) => {
      const body = parseTemplatesFile(typeof source === 'string' ? source : await readTemplatesFile(source)) as FileBody;
      return { body, plan: await call(body, true), name: typeof source === 'string' ? 'The text' : source.name };
    },
  });
  const take = useMutation({
    mutationFn: (body: FileBody) => call(body, false),
    onSuccess: async ({ added }) => {
      await client.invalidateQueries({ queryKey: ['rules'] });
      const said = added === 1 ? '1 was imported.' : `${added} were imported.`;
      announce(said);
      onDone(said);
    },
  });
  const found = look.data;
  return (
    <Detail title="Import" onBack={onBack}>
      <Quiet>A file that was saved by “Export”. You see what it would add before anything is stored.</Quiet>
      <input ref={input} type="file" accept=".json,application/json" hidden aria-label="File of templates" onChange={(e) => {
        const [file] = e.target.files ?? [];
        // The same file may be chosen again after it was mended.
        e.target.value = '';
        take.reset();
        if (file) look.mutate(file);
      }} />
      <Row><Button appearance={found ? 'secondary' : 'primary'} disabled={look.isPending} onClick={() => input.current?.click()}>{found ? 'Choose another file' : 'Choose a file'}</Button></Row>
      {!found && (
        <Stack tight>
          <Field label="Or paste its text"><Textarea rows={3} resize="vertical" style={{ minWidth: 0 }} textarea={{ style: { minWidth: 0, width: '100%' } }} value={pasted} onChange={(_, { value }) => setPasted(value)} /></Field>
          {pasted.trim() && <Row><Button disabled={look.isPending} onClick={() => look.mutate(pasted)}>Look at the text</Button></Row>}
        </Stack>
      )}
      {look.error && <ProblemNote problem={problemOfFile(look.error)} />}
      {found && !look.isPending && <PlanCard name={found.name} plan={found.plan} />}
      {take.error && <ProblemNote problem={problemOf(take.error, () => found && take.mutate(found.body))} />}
      {found && !look.isPending && (
        <Row>
          <Button appearance="primary" disabled={!found.plan.added || take.isPending} onClick={() => take.mutate(found.body)}>{found.plan.added ? `Import ${found.plan.added}` : 'Nothing to import'}</Button>
          <Button onClick={onBack}>Cancel</Button>
        </Row>
      )}
    </Detail>
  );
}

const problemOfFile = (error: unknown): Problem => (error instanceof FileProblem ? { text: error.message } : problemOf(error));

function PlanCard({ name, plan }: { readonly name: string; readonly plan: Plan }): ReactElement {
  const styles = useStyles();
  const refused = plan.rules.filter((r) => r.outcome === 'refuse').length;
  return (
    <Card label="What the file holds">
      <Heading level={3}>{name}</Heading>
      {!plan.rules.length && <Quiet>The file is in order and holds nothing.</Quiet>}
      <ul className={styles.list}>
        {plan.rules.map((rule) => (
          <li key={rule.index} className={`${styles.row} ${rule.outcome === 'refuse' ? styles.refuse : rule.outcome === 'present' ? '' : styles.add}`}>
            <div>{rule.name}</div>
            <Quiet small>{outcomeText(rule)}</Quiet>
            {rule.problems?.map((p) => <Quiet small key={p.field}>{[placeOf(p.field), p.message].filter(Boolean).join(': ')}</Quiet>)}
            {rule.cleaned && rule.outcome !== 'refuse' && <Quiet small>Parts that could run or load things were taken out of its text.</Quiet>}
          </li>
        ))}
      </ul>
      {refused > 0 && plan.added > 0 && <Quiet small>{refused === 1 ? 'The refused one is' : 'The refused ones are'} left out.</Quiet>}
    </Card>
  );
}

function outcomeText(rule: Plan['rules'][number]): string {
  switch (rule.outcome) {
    case 'add': return 'Will be added.';
    case 'rename': return `Will be added as “${rule.newName ?? ''}”: the name is taken.`;
    case 'present': return 'Is here already; left as it is.';
    case 'refuse': return 'Refused:';
  }
}
