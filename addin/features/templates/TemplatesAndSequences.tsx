import { Button } from '@fluentui/react-components';
import { useState, type ReactElement } from 'react';
import { Icon } from '../../ui/icons.tsx';
import { Detail, Quiet, Row, Stack } from '../../ui/layout.tsx';
import { Empty, Loading, Note, ProblemNote } from '../../ui/states.tsx';
import { isSequence, isTemplate, useRules, type Rule } from '../followup/rules.ts';
import { problemOf } from '../pane.ts';
import { ExportButton } from './ExportButton.tsx';
import { ImportTemplates } from './ImportTemplates.tsx';
import { RuleEditor } from './RuleEditor.tsx';
import { COUNTING, usageText, useUsage } from './usage.ts';

/** One list of both: a sequence has steps, a template a body, and one may be both. */
export function TemplatesAndSequences({ onBack }: { readonly onBack: () => void }): ReactElement {
  const rules = useRules();
  const usage = useUsage();
  const [view, setView] = useState<Rule | 'template' | 'sequence' | 'import' | null>(null);
  const [said, setSaid] = useState<string | null>(null);
  const back = () => setView(null);
  if (view === 'import') {
    return <ImportTemplates onBack={back} onDone={(text) => {
      setSaid(text);
      back();
    }} />;
  }
  if (view) return <RuleEditor key={typeof view === 'string' ? view : view.id} rule={view} onBack={back} />;
  return (
    <Detail title="Templates and sequences" onBack={onBack}>
      <Row>
        <Button icon={<Icon name="add" />} onClick={() => setView('template')}>Template</Button>
        <Button icon={<Icon name="add" />} onClick={() => setView('sequence')}>Sequence</Button>
      </Row>
      {said && <Note>{said}</Note>}
      {rules.error ? <ProblemNote problem={problemOf(rules.error, () => void rules.refetch())} /> : !rules.data ? <Loading what="your templates" /> : !rules.data.length ? <Empty>Nothing yet. Make one, or import a file.</Empty> : (
        <Stack>
          <Stack tight>
            {rules.data.map((rule) => (
              <Button key={rule.id} style={{ justifyContent: 'flex-start', textAlign: 'left', minHeight: 44 }} onClick={() => setView(rule)}>
                <span style={{ minWidth: 0, overflowWrap: 'anywhere' }}>
                  {rule.name ?? 'Unnamed'}
                  <Quiet small>{kindText(rule)}</Quiet>
                  {usage.data && <Quiet small>{usageText(usage.data.get(rule.id))}</Quiet>}
                </span>
              </Button>
            ))}
          </Stack>
          <Quiet small>{usage.error ? 'The counts can’t be read just now.' : COUNTING}</Quiet>
        </Stack>
      )}
      <Row>
        <Button appearance="subtle" onClick={() => {
          setSaid(null);
          setView('import');
        }}>Import</Button>
        {rules.data && rules.data.length > 0 && <ExportButton label="Export all" />}
      </Row>
    </Detail>
  );
}

function kindText(rule: Rule): string {
  const steps = rule.actions?.length ?? 0;
  const parts = [isTemplate(rule) && 'Template', isSequence(rule) && `${steps} step${steps === 1 ? '' : 's'}`, rule.running && `running in ${rule.running}`];
  return parts.filter(Boolean).join(' · ') || 'Empty';
}
