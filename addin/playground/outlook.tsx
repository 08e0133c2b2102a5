import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { playground, type ClockState, type Message, type Session } from './api.ts';
import type { Methods, PaneBridge } from './bridge.ts';
import { Calendar } from './calendar.tsx';
import { createDraft, type ComposeDraft, type DraftStart, type Notification } from './compose-draft.ts';
import { Compose } from './compose.tsx';
import { failed } from './host/failures.ts';
import { Icon } from './icons.tsx';
import { folderName, Folders, MessageList } from './mail-list.tsx';
import { Pane } from './pane.tsx';
import type { ComposeItem, HostState, Person, ReadItem } from './protocol.ts';
import { Reading } from './reading.tsx';
import { replyTo } from './reply.ts';
import { isEmpty, sendDraft, storeDraft } from './send.ts';
import { stored } from './stored.ts';
import { Checklist, Strip, useNow } from './strip.tsx';
import { textToHtml } from './text.ts';
import { useDark } from './use-dark.ts';
import { useLive } from './use-live.ts';
import { sentence, useMailbox } from './use-mailbox.ts';

const PROGRESS_POLL_MS = 2_000;

/** The first mailbox's window, with the task pane. */
export function OutlookWindow({ session, onReset }: { session: Session; onReset: () => void }) {
  const { you, buyer } = session.mailboxes;
  const mail = useMailbox(you);
  const dark = useDark();
  const [clock, setClock] = useState<ClockState>(session.clock);
  const now = useNow(clock);
  const [progress, setProgress] = useState(session.progress);
  const [checklist, setChecklist] = useState(() => localStorage.getItem('sundial.checklist') !== 'hidden');
  const [paneOpen, setPaneOpen] = useState(true);
  const [calendar, setCalendar] = useState(false);
  const [bookings, setBookings] = useState(0);
  const [draft, setDraft] = useState<ComposeDraft>();
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [sentId, setSentId] = useState<string>();
  const [notes, setNotes] = useState<Readonly<Record<string, readonly Notification[]>>>({});
  const composeBridge = useRef<PaneBridge>(undefined);

  const readProgress = useCallback(() => void playground.progress().then(setProgress, () => undefined), []);
  const done = Object.values(progress).every(Boolean);
  useEffect(() => {
    // Signing in happens between the pane and the server and is no event of a mailbox.
    if (done) return;
    const timer = setInterval(readProgress, PROGRESS_POLL_MS);
    return () => clearInterval(timer);
  }, [done, readProgress]);

  useLive((event) => {
    if (event.event === 'reset') return onReset();
    if (event.event === 'clock') return setClock(event.data);
    if (event.event === 'mail' || event.event === 'again') mail.refresh();
    if (event.event === 'booking' || event.event === 'again') setBookings((n) => n + 1);
    readProgress();
  });

  /** What was being written before is kept among the drafts. */
  const compose = (start: DraftStart): void => {
    if (draft) keep(draft);
    setProblem(undefined);
    setSentId(undefined);
    setCalendar(false);
    setDraft(createDraft(start));
  };
  const keep = (current: ComposeDraft): void => {
    if (!isEmpty(current)) void storeDraft(mail.api, current).then(mail.refresh, (error: unknown) => setProblem(sentence(error)));
  };

  const closeDraft = (current: ComposeDraft, discard: boolean): void => {
    setDraft(undefined);
    if (discard) {
      if (current.draftId) void mail.api.deleteDraft(current.draftId).then(mail.refresh, () => undefined);
    } else keep(current);
  };

  const send = async (current: ComposeDraft): Promise<void> => {
    setSending(true);
    setProblem(undefined);
    try {
      const id = await sendDraft('you', mail.api, current);
      setDraft(undefined);
      setSentId(id);
      mail.refresh();
    } catch (error) {
      setProblem(sentence(error));
    }
    setSending(false);
  };

  const select = (message: Message): void => {
    setCalendar(false);
    setSentId(undefined);
    if (draft && draft.draftId === message.id) return;
    if (message.sysLabels?.includes('draft')) return void openDraft(message);
    if (draft) closeDraft(draft, false);
    mail.select(message.id);
  };
  const openDraft = async (message: Message): Promise<void> => {
    const full = await mail.api.message(message.id);
    const replyTo = stored.reply(message.id) as DraftStart['replyTo'] & object;
    compose({
      draftId: message.id, subject: full.subject ?? '', html: full.body ?? '',
      to: (full.to ?? []).map(personOf), cc: (full.cc ?? []).map(personOf),
      ...(replyTo.messageId ? { replyTo } : {}),
    });
  };

  const { selected } = mail;
  const user: Person = useMemo(() => ({ displayName: you.name, emailAddress: you.email }), [you]);
  const host = useMemo(() => ({ user, timeZone: you.timezone, dark, roamingSettings: stored.roaming() }), [user, you.timezone, dark]);
  const readState: HostState = useMemo(() => ({ ...host, item: selected && !calendar ? readItem(selected) : null }), [host, selected, calendar]);
  const composeState: HostState | undefined = useMemo(() => draft && { ...host, item: composeItem(draft) }, [host, draft]);

  const common: Methods = {
    'identityToken': () => playground.identityToken(you.email).catch(() => {
      throw failed('GenericTokenError');
    }),
    'roaming.save': (values: Record<string, unknown>) => stored.saveRoaming(values),
    'openBrowserWindow': (url: string) => void window.open(url, '_blank', 'noopener'),
    'closeContainer': () => setPaneOpen(false),
    'displayMessage': (id: string) => {
      setCalendar(false);
      if (draft) closeDraft(draft, false);
      mail.select(id);
    },
    'newMessage': (form: { toRecipients?: (string | Person)[]; subject?: string; htmlBody?: string } | null) => compose({
      to: (form?.toRecipients ?? []).map((r) => typeof r === 'string' ? { emailAddress: r, displayName: r } : r),
      subject: form?.subject ?? '', html: form?.htmlBody ?? '',
    }),
    'selectedItems': () => selected ? [{ itemId: selected.id, itemType: 'message', itemMode: 'Read', subject: selected.subject ?? '', conversationId: selected.threadId ?? '' }] : [],
  };
  const reply = async (message: Message, all: boolean, html?: string): Promise<void> => {
    const { html: quoted } = await playground.open('you', message.id, false);
    compose(replyTo(you, message, all, html === undefined ? { quoted } : { html, quoted }));
  };
  const readMethods: Methods = selected ? {
    ...common,
    'body.type': () => 'html',
    'body.get': async (type: 'html' | 'text') => {
      const { body = '' } = await mail.api.message(selected.id);
      return type === 'html' ? body : new DOMParser().parseFromString(body, 'text/html').body.innerText;
    },
    'reply': (form: string | { htmlBody?: string } | null, all: boolean) => reply(selected, all, typeof form === 'string' ? textToHtml(form) : form?.htmlBody),
    // Outlook answers with nothing for what lies in Sent Items.
    'headers.all': async () => selected.sysLabels?.includes('sent') ? '' : (await mail.api.raw(selected.id)).split(/\r?\n\r?\n/, 1)[0] ?? '',
    'properties.load': () => stored.properties(selected.id),
    'properties.save': (values: Record<string, unknown>) => stored.saveProperties(selected.id, values),
    'notifications.get': () => notes[selected.id] ?? [],
    'notifications.put': (n: Notification) => setNotes((all) => ({ ...all, [selected.id]: [...(all[selected.id] ?? []).filter((o) => o.key !== n.key), n] })),
    'notifications.remove': (key: string) => setNotes((all) => ({ ...all, [selected.id]: (all[selected.id] ?? []).filter((n) => n.key !== key) })),
  } : common;
  const composeMethods: Methods = draft ? {
    ...common,
    ...draft.methods(() => storeDraft(mail.api, draft).then((id) => {
      mail.refresh();
      return id;
    }), (discard) => closeDraft(draft, discard), user),
  } : common;

  // Outlook tells the add-in when somebody changes the recipients.
  useEffect(() => {
    if (!draft) return;
    let before = recipientsOf(draft);
    return draft.onChange(() => {
      const after = recipientsOf(draft);
      if (after === before) return;
      before = after;
      composeBridge.current?.raise('recipientsChanged', { changedRecipientFields: { to: true, cc: true, bcc: true } });
    });
  }, [draft]);

  const sundialButton = (
    <button type="button" className="sundial-button" aria-pressed={paneOpen} onClick={() => setPaneOpen((open) => !open)}><Icon name="sundial" />Sundial</button>
  );
  const writeTracked = (): void => {
    setPaneOpen(true);
    compose({
      to: [{ displayName: buyer.name, emailAddress: buyer.email }], subject: 'Our product for your team',
      html: '<div>Hello Bea,</div><div><br></div><div>thank you for your interest. Here is our <a href="https://example.com/pricing">pricing</a>; a team of twelve is up and running in a day.</div><div><br></div><div>Shall I show it to you next week?</div><div><br></div><div>Kind regards<br>Yuki</div>',
    });
  };
  const unread = mail.folder?.sysLabel === 'inbox' ? (mail.messages ?? []).filter((m) => m.sysLabels?.includes('unread')).length : 0;
  const outgoing = ['sent', 'draft'].includes(mail.folder?.sysLabel ?? '');

  return (
    <div className={paneOpen ? 'outlook' : 'outlook pane-closed'}>
      <Strip now={now} as={`You are ${you.email}`} onReset={() => playground.reset()}>
        <a className="button" href="/?as=buyer" target="_blank" rel="noopener"><Icon name="person" />Open as the other person</a>
      </Strip>
      {checklist && <Checklist progress={progress} onWrite={draft ? undefined : writeTracked} onHide={() => { localStorage.setItem('sundial.checklist', 'hidden'); setChecklist(false); }} />}
      <section className="commands" aria-label="Commands">
        <button type="button" className="primary" onClick={() => compose({})}><Icon name="compose" />New mail</button>
        <button type="button" disabled={!selected || Boolean(draft)} onClick={() => selected && void reply(selected, false)}><Icon name="reply" />Reply</button>
        <button type="button" disabled={!selected || Boolean(draft)} onClick={() => selected && void remove(selected)}><Icon name="trash" />Delete</button>
        <span className="spring" />
        {sundialButton}
      </section>
      <div className="columns">
        <Folders
          folders={mail.folders} chosen={calendar ? undefined : mail.folder?.id} unread={unread}
          onChoose={(id) => { setCalendar(false); setSentId(undefined); mail.chooseFolder(id); }}
          calendar={{ chosen: calendar, onChoose: () => { setCalendar(true); setSentId(undefined); } }}
        />
        <MessageList
          title={mail.folder ? folderName(mail.folder) : 'Inbox'} messages={mail.messages} problem={mail.problem}
          selected={selected?.id} outgoing={outgoing} now={now} onSelect={select}
        />
        <main className="stage">
          {sentId && <p className="infobar" role="status"><Icon name="check" />Sent. <button type="button" className="link" onClick={() => showSent(sentId)}>Look at it in Sent Items</button></p>}
          {draft
            ? <Compose key={draft.key} draft={draft} from={`${you.name} <${you.email}>`} sending={sending} problem={problem} onSend={() => void send(draft)} onDiscard={() => closeDraft(draft, true)} />
            : calendar ? <Calendar api={mail.api} now={now} round={bookings} />
            : selected ? <Reading key={selected.id} who="you" client="outlook" message={selected} notifications={notes[selected.id] ?? []} onReply={(all) => void reply(selected, all)} onDelete={() => void remove(selected)} />
            : <div className="empty"><p>Choose a message to read.</p></div>}
        </main>
        <Pane state={readState} methods={readMethods} hidden={!paneOpen || Boolean(draft)} onClose={() => setPaneOpen(false)} />
        {draft && composeState && (
          <Pane key={draft.key} state={composeState} methods={composeMethods} hidden={!paneOpen} onClose={() => setPaneOpen(false)} onBridge={(bridge) => { composeBridge.current = bridge; }} />
        )}
      </div>
    </div>
  );

  function showSent(id: string): void {
    const sent = mail.folders.find((f) => f.sysLabel === 'sent');
    if (sent) mail.chooseFolder(sent.id);
    mail.select(id);
    setSentId(undefined);
  }

  async function remove(message: Message): Promise<void> {
    await mail.api.remove(message.id).catch((error: unknown) => setProblem(sentence(error)));
    mail.select(undefined);
    mail.refresh();
  }
}

const recipientsOf = (draft: ComposeDraft): string => [draft.fields().to, draft.fields().cc, draft.fields().bcc].join('\n');

const personOf = (address: { name?: string; address?: string } | undefined): Person =>
  ({ displayName: address?.name || address?.address || '', emailAddress: address?.address ?? '' });

const readItem = (message: Message): ReadItem => ({
  mode: 'read',
  key: `read-${message.id}`,
  itemId: message.id,
  conversationId: message.threadId ?? '',
  internetMessageId: message.internetMessageId ?? '',
  subject: message.subject ?? '',
  from: personOf(message.from),
  to: (message.to ?? []).map(personOf),
  cc: (message.cc ?? []).map(personOf),
  created: message.receivedAt ?? message.sentAt ?? message.createdTime ?? new Date(0).toISOString(),
  attachments: (message.attachments ?? []).map((a) => ({ id: a.id, name: a.name ?? '', contentType: a.mimeType ?? 'application/octet-stream', size: a.size ?? 0, isInline: a.inline ?? false })),
});

const composeItem = (draft: ComposeDraft): ComposeItem => ({
  mode: 'compose',
  key: draft.key,
  conversationId: draft.start.replyTo?.threadId ?? null,
  inReplyTo: draft.start.replyTo?.internetMessageId ?? null,
});
