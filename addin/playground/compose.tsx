import { useEffect, useRef, useSyncExternalStore } from 'react';
import { rememberSelection, type ComposeDraft } from './compose-draft.ts';
import { Icon } from './icons.tsx';
import { unreadableRecipients } from './text.ts';

/** The form in which a message is written; it takes the reading pane's place. */
export function Compose({ draft, from, sending, problem, extra, onSend, onDiscard }: {
  draft: ComposeDraft;
  from: string;
  sending: boolean;
  problem: string | undefined;
  /** The Sundial button, where this window has a pane. */
  extra?: React.ReactNode;
  onSend: () => void;
  onDiscard: () => void;
}) {
  const fields = useSyncExternalStore(draft.onChange, draft.fields);
  const host = useRef<HTMLDivElement>(null);

  // The editor is not React's: the add-in and the person write into the same element.
  useEffect(() => {
    const editor = draft.openEditor();
    host.current!.replaceChildren(editor);
    const remember = (): void => rememberSelection(editor);
    document.addEventListener('selectionchange', remember);
    return () => document.removeEventListener('selectionchange', remember);
  }, [draft, fields.bodyType]);

  const unreadable = [fields.to, fields.cc].flatMap(unreadableRecipients);
  const field = (name: 'to' | 'cc' | 'subject', label: string) => (
    <label className="field">
      <span>{label}</span>
      <input value={fields[name]} autoFocus={name === 'to' && !fields.to} onChange={(event) => draft.change({ [name]: event.target.value })} autoComplete="off" spellCheck={name === 'subject'} />
    </label>
  );
  return (
    <form className="compose" aria-label="New message" onSubmit={(event) => { event.preventDefault(); onSend(); }}>
      <div className="compose-bar">
        <button type="submit" className="primary" disabled={sending}><Icon name="sent" />{sending ? 'Sending…' : 'Send'}</button>
        <button type="button" onClick={onDiscard}><Icon name="trash" />Discard</button>
        <label className="format">Format
          <select value={fields.bodyType} onChange={(event) => draft.change({ bodyType: event.target.value === 'text' ? 'text' : 'html' })}>
            <option value="html">HTML</option>
            <option value="text">Plain text</option>
          </select>
        </label>
        {extra}
      </div>
      {fields.notifications.map((n) => <p key={n.key} className="infobar"><Icon name="sundial" />{n.message}</p>)}
      {problem && <p className="infobar problem" role="alert">{problem}</p>}
      <p className="faint from">From: {from}</p>
      {field('to', 'To')}
      {field('cc', 'Cc')}
      {field('subject', 'Subject')}
      {unreadable.length > 0 && <p className="note">Not an address yet: {unreadable.join(', ')}</p>}
      <div ref={host} className="editor-place" />
    </form>
  );
}
