import { Button } from '@fluentui/react-components';
import type { ReactElement } from 'react';
import { Row, Stack } from './layout.tsx';
import { Note } from './states.tsx';

/** Asked in the page, because add-ins may not use the browser's own questions. */
export function LeaveGuard({ onSave, onDiscard, onKeep }: { readonly onSave: () => void; readonly onDiscard: () => void; readonly onKeep: () => void }): ReactElement {
  return (
    <div role="alertdialog" aria-label="You have changes that are not saved"><Note><Stack tight>
      <Row><span>You have changes that are not saved.</span></Row>
      <Row>
        <Button size="small" appearance="primary" onClick={onSave} autoFocus>Save</Button>
        <Button size="small" onClick={onDiscard}>Discard</Button>
        <Button size="small" onClick={onKeep}>Keep editing</Button>
      </Row>
    </Stack></Note></div>
  );
}

/** A deletion says what goes with it before it happens. */
export function Confirm({ text, action, busy, onConfirm, onCancel }: { readonly text: string; readonly action: string; readonly busy: boolean; readonly onConfirm: () => void; readonly onCancel: () => void }): ReactElement {
  return (
    <div role="alertdialog" aria-label={text}><Note><Stack tight>
      <Row><span>{text}</span></Row>
      <Row>
        <Button size="small" disabled={busy} onClick={onConfirm}>{action}</Button>
        <Button size="small" appearance="subtle" onClick={onCancel} autoFocus>Cancel</Button>
      </Row>
    </Stack></Note></div>
  );
}
