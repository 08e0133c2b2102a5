import { Button, Input, makeStyles, tokens } from '@fluentui/react-components';
import { useEffect, useId, useRef, useState, type ReactElement } from 'react';
import { Row, Stack } from './layout.tsx';
import { safeHtml } from './safe-html.ts';

const useStyles = makeStyles({
  box: {
    minHeight: '110px', padding: '8px 10px', borderRadius: tokens.borderRadiusMedium, backgroundColor: '#ffffff', color: '#1b1b1b', colorScheme: 'light',
    border: `1px solid ${tokens.colorNeutralStroke1}`, overflowWrap: 'anywhere', ':focus-visible': { outline: `2px solid ${tokens.colorStrokeFocus2}` },
    '& p': { margin: '0 0 8px' },
  },
});

/** Bold, lists, links and fields: what a short mail needs. Its value is HTML. */
export function RichText({ label, value, fields, onChange }: {
  readonly label: string; readonly value: string; readonly fields: readonly string[]; readonly onChange: (html: string) => void;
}): ReactElement {
  const styles = useStyles();
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const selection = useRef<Range | null>(null);
  const [asking, setAsking] = useState<'link' | 'field' | null>(null);
  const [text, setText] = useState('');

  useEffect(() => {
    // What the person types is the editor's own; only a value from outside is written into it.
    if (box.current && box.current.innerHTML !== value) box.current.innerHTML = safeHtml(value);
  }, [value]);

  const report = () => onChange(box.current?.innerHTML ?? '');
  const keep = () => {
    const now = getSelection();
    if (now?.rangeCount && box.current?.contains(now.anchorNode)) selection.current = now.getRangeAt(0).cloneRange();
  };
  const run = (command: string, argument?: string) => {
    box.current?.focus();
    const now = getSelection();
    if (selection.current && now) {
      now.removeAllRanges();
      now.addRange(selection.current);
    }
    // Deprecated and without a successor: every webview of Outlook has it, with undo.
    document.execCommand(command, false, argument);
    keep();
    report();
  };
  const insertAsked = () => {
    const said = text.trim();
    if (asking === 'link' && /^(https?:\/\/|mailto:|\{\{)/i.test(said)) {
      if (selection.current && !selection.current.collapsed) run('createLink', said);
      else run('insertHTML', `<a href="${escape(said)}">${escape(said)}</a>`);
    } else if (asking === 'field' && said) run('insertText', `{{${fieldName(said)}}}`);
    else return;
    setAsking(null);
    setText('');
  };

  return (
    <Stack tight>
      <span id={id}>{label}</span>
      <div role="toolbar" aria-label={`${label}: format`}><Row>
        <Button size="small" onMouseDown={(e) => e.preventDefault()} onClick={() => run('bold')}>Bold</Button>
        <Button size="small" onMouseDown={(e) => e.preventDefault()} onClick={() => run('insertUnorderedList')}>List</Button>
        <Button size="small" aria-expanded={asking === 'link'} onClick={() => setAsking(asking === 'link' ? null : 'link')}>Link</Button>
        <Button size="small" aria-expanded={asking === 'field'} onClick={() => setAsking(asking === 'field' ? null : 'field')}>Add field</Button>
      </Row></div>
      {asking && (
        <Row>
          {asking === 'field' && fields.map((name) => (
            <Button key={name} size="small" appearance="subtle" onClick={() => {
              run('insertText', `{{${name}}}`);
              setAsking(null);
            }}>{name}</Button>
          ))}
          <Input aria-label={asking === 'link' ? 'Address of the link' : 'Name of the field'} placeholder={asking === 'link' ? 'https://…' : 'company'} value={text} onChange={(_, d) => setText(d.value)} onKeyDown={(e) => {
            if (e.key !== 'Enter') return;
            e.preventDefault();
            insertAsked();
          }} />
          <Button onClick={insertAsked}>Add</Button>
        </Row>
      )}
      <div ref={box} className={styles.box} contentEditable role="textbox" aria-multiline="true" aria-labelledby={id} onInput={report} onKeyUp={keep} onMouseUp={keep} onBlur={keep} suppressContentEditableWarning />
    </Stack>
  );
}

/** As the server takes names: letters, digits, _ . and -, beginning with a letter. */
const fieldName = (said: string): string => said.replace(/[{}]/g, '').trim().replace(/[^A-Za-z0-9_.-]+/g, '_').replace(/^[^A-Za-z_]+/, '').slice(0, 64);
const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
