import { Button } from '@fluentui/react-components';
import { useState, type ReactElement } from 'react';
import { Icon } from '../../ui/icons.tsx';
import { Detail, Quiet, Row, Stack } from '../../ui/layout.tsx';
import { Empty, Loading, ProblemNote } from '../../ui/states.tsx';
import { isSequence, isTemplate, useRules, type Rule } from '../followup/rules.ts';
import { problemOf } from '../pane.ts';
import { RuleEditor } from './RuleEditor.tsx';

/** One list of both: a sequence has steps, a template a body, and one may be both. */
export function TemplatesAndSequences({ onBack }: { readonly onBack: () => void }): ReactElement {
  const rules = useRules();
  const [editing, setEditing] = useState<Rule | 'template' | 'sequence' | null>(null);
  if (editing) return <RuleEditor key={typeof editing === 'string' ? editing : editing.id} rule={editing} onBack={() => setEditing(null)} />;
  return (
    <Detail title="Templates and sequences" onBack={onBack}>
      <Row>
        <Button icon={<Icon name="add" />} onClick={() => setEditing('template')}>Template</Button>
        <Button icon={<Icon name="add" />} onClick={() => setEditing('sequence')}>Sequence</Button>
      </Row>
      {rules.error ? <ProblemNote problem={problemOf(rules.error, () => void rules.refetch())} /> : !rules.data ? <Loading what="your templates" /> : !rules.data.length ? <Empty>Nothing yet.</Empty> : (
        <Stack tight>
          {rules.data.map((rule) => (
            <Button key={rule.id} style={{ justifyContent: 'flex-start', textAlign: 'left', minHeight: 44 }} onClick={() => setEditing(rule)}>
              <span style={{ minWidth: 0, overflowWrap: 'anywhere' }}>{rule.name ?? 'Unnamed'}<Quiet small>{kindText(rule)}</Quiet></span>
            </Button>
          ))}
        </Stack>
      )}
    </Detail>
  );
}

function kindText(rule: Rule): string {
  const steps = rule.actions?.length ?? 0;
  const parts = [isTemplate(rule) && !isSequence(rule) && 'Template', isSequence(rule) && `${steps} step${steps === 1 ? '' : 's'}`, rule.running && `running in ${rule.running}`];
  return parts.filter(Boolean).join(' · ') || 'Empty';
}
