import { Button } from '@fluentui/react-components';
import { useMutation } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { useAnnounce } from '../../ui/announcer.tsx';
import { Quiet, Row, Stack } from '../../ui/layout.tsx';
import { ProblemNote } from '../../ui/states.tsx';
import { problemOf, usePane } from '../pane.ts';
import { fileName, saveAsFile } from './file.ts';

/** One rule, or all of them, as a file. */
export function ExportButton({ rule, label }: { readonly rule?: { readonly id: number; readonly name?: string | undefined }; readonly label: string }): ReactElement {
  const { api } = usePane();
  const announce = useAnnounce();
  const [copied, setCopied] = useState<boolean | null>(null);
  const name = fileName(rule?.name ?? (rule ? 'template' : undefined));
  const save = useMutation({
    mutationFn: async () => {
      const text = `${JSON.stringify(await api.call('GET /v1/followup/rules/export', rule ? { query: { ruleId: rule.id } } : {}), null, 2)}\n`;
      saveAsFile(text, name);
      announce(`Saved as ${name}.`);
      setCopied(null);
      return text;
    },
  });
  return (
    <Stack tight>
      <Row><Button appearance="subtle" disabled={save.isPending} onClick={() => save.mutate()}>{label}</Button></Row>
      {save.error && <ProblemNote problem={problemOf(save.error, () => save.mutate())} />}
      {save.data !== undefined && (
        <Row>
          <Quiet small>Saved as {name}. No file?</Quiet>
          <Button size="small" onClick={() => {
            navigator.clipboard.writeText(save.data).then(() => setCopied(true), () => setCopied(false));
          }}>{copied ? 'Copied' : copied === false ? 'Copying is not allowed here' : 'Copy its text'}</Button>
        </Row>
      )}
    </Stack>
  );
}
