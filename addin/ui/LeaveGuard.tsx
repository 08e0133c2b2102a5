import { Button } from '@fluentui/react-components';
import { useEffect, useState, type ReactElement, type ReactNode } from 'react';
import { Row, Stack } from './layout.tsx';
import { Note } from './states.tsx';

/** Asked in the page, because add-ins may not use the browser's own questions. `saving`: it is being saved already, which leaving does not undo. */
export function LeaveGuard({ saving, onSave, onDiscard, onKeep }: { readonly saving: boolean; readonly onSave: () => void; readonly onDiscard: () => void; readonly onKeep: () => void }): ReactElement {
  if (saving) {
    return (
      <Question text="Your changes are still being saved." onEscape={onKeep}>
        <Button size="small" onClick={onKeep} autoFocus>Wait</Button>
        <Button size="small" appearance="subtle" onClick={onDiscard}>Leave</Button>
      </Question>
    );
  }
  return (
    <Question text="You have changes that are not saved." onEscape={onKeep}>
      <Button size="small" appearance="primary" onClick={onSave} autoFocus>Save</Button>
      <Button size="small" onClick={onDiscard}>Discard</Button>
      <Button size="small" onClick={onKeep}>Keep editing</Button>
    </Question>
  );
}

/** A deletion says what goes with it before it happens. */
export function Confirm({ text, action, busy, onConfirm, onCancel }: { readonly text: string; readonly action: string; readonly busy: boolean; readonly onConfirm: () => void; readonly onCancel: () => void }): ReactElement {
  return (
    <Question text={text} onEscape={() => busy || onCancel()}>
      <Button size="small" disabledFocusable={busy} onClick={onConfirm}>{busy ? 'Deleting…' : action}</Button>
      <Button size="small" appearance="subtle" disabledFocusable={busy} onClick={onCancel} autoFocus>Cancel</Button>
    </Question>
  );
}

/** Esc takes it back, as it does in any dialog; where nothing else took the focus, it goes to where it was. */
function Question({ text, onEscape, children }: { readonly text: string; readonly onEscape: () => void; readonly children: ReactNode }): ReactElement {
  const [before] = useState(() => document.activeElement);
  useEffect(() => () => {
    requestAnimationFrame(() => {
      if (document.activeElement === document.body && before instanceof HTMLElement && before.isConnected) before.focus();
    });
  }, [before]);
  return (
    <div role="alertdialog" aria-label={text} onKeyDown={(event) => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      onEscape();
    }}>
      <Note><Stack><span>{text}</span><Row>{children}</Row></Stack></Note>
    </div>
  );
}
