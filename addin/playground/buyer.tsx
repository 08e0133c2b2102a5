import { useState } from 'react';
import { playground, type Client, type ClockState, type Message, type Session } from './api.ts';
import { createDraft, type ComposeDraft } from './compose-draft.ts';
import { Compose } from './compose.tsx';
import { Icon } from './icons.tsx';
import { folderName, Folders, MessageList } from './mail-list.tsx';
import { Calendar } from './calendar.tsx';
import { Reading } from './reading.tsx';
import { replyTo } from './reply.ts';
import { sendDraft } from './send.ts';
import { Strip, useNow } from './strip.tsx';
import { useLive } from './use-live.ts';
import { sentence, useMailbox } from './use-mailbox.ts';

const CLIENTS: readonly { readonly key: Client; readonly name: string; readonly does: string }[] = [
  { key: 'outlook', name: 'Outlook', does: 'blocks images until Load images is pressed' },
  { key: 'gmail', name: 'Gmail', does: 'loads images through Google’s own servers when a message is opened' },
  { key: 'apple', name: 'Apple Mail', does: 'loads images by itself when a message arrives' },
  { key: 'filter', name: 'Behind a filter', does: 'a gateway looks at every image and link before the message is read' },
];
const DAY_MS = 86_400_000;
const AWAY_DAYS = 7;

const dayMonth = (date: string): string => new Date(`${date}T12:00:00`).toLocaleDateString('en-GB', { day: 'numeric', month: 'short' });

/** The other person's window: no pane, a program of one's choice. */
export function BuyerWindow({ session, onReset }: { session: Session; onReset: () => void }) {
  const { buyer } = session.mailboxes;
  const mail = useMailbox(buyer);
  const [clock, setClock] = useState<ClockState>(session.clock);
  const now = useNow(clock);
  const [reading, setReading] = useState(session.reading);
  const [away, setAway] = useState(session.outOfOffice);
  const [calendar, setCalendar] = useState(false);
  const [bookings, setBookings] = useState(0);
  const [draft, setDraft] = useState<ComposeDraft>();
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<string>();

  useLive((event) => {
    if (event.event === 'reset') return onReset();
    if (event.event === 'clock') return setClock(event.data);
    if (event.event === 'person') {
      setReading(event.data.reading);
      return setAway(event.data.outOfOffice);
    }
    if (event.event === 'mail' || event.event === 'again') mail.refresh();
    if (event.event === 'booking' || event.event === 'again') setBookings((n) => n + 1);
  });

  const select = (message: Message): void => {
    setCalendar(false);
    setDraft(undefined);
    mail.select(message.id);
  };
  const reply = async (message: Message, all: boolean): Promise<void> => {
    const { body = '' } = await mail.api.message(message.id);
    setProblem(undefined);
    setDraft(createDraft(replyTo(buyer, message, all, { quoted: body })));
  };
  const send = async (current: ComposeDraft): Promise<void> => {
    setSending(true);
    setProblem(undefined);
    try {
      await sendDraft('buyer', mail.api, current);
      setDraft(undefined);
      mail.refresh();
    } catch (error) {
      setProblem(sentence(error));
    }
    setSending(false);
  };
  const until = new Date(now.getTime() + AWAY_DAYS * DAY_MS).toISOString().slice(0, 10);
  const { selected } = mail;
  const chosen = CLIENTS.find((c) => c.key === reading)!;

  return (
    <div className="outlook buyer pane-closed">
      <Strip now={now} as={`You are ${buyer.email}`} />
      <section className="commands" aria-label="Commands">
        <button type="button" className="primary" onClick={() => { setCalendar(false); setDraft(createDraft({})); }}><Icon name="compose" />New mail</button>
        <button type="button" disabled={!selected || Boolean(draft)} onClick={() => selected && void reply(selected, false)}><Icon name="reply" />Reply</button>
        <button type="button" aria-pressed={away.on} onClick={() => void playground.outOfOffice(away.on ? { on: false } : { on: true, until })}>
          <Icon name="calendar" />{away.on && away.until ? `Out of office until ${dayMonth(away.until)}` : 'Out of office'}
        </button>
        <span className="spring" />
        <label className="reading-in">Reading in
          <select value={reading} onChange={(event) => void playground.readIn(event.target.value as Client)}>
            {CLIENTS.map((client) => <option key={client.key} value={client.key}>{client.name}</option>)}
          </select>
        </label>
        <span className="faint does">{chosen.name} {chosen.key === 'filter' ? `: ${chosen.does}` : chosen.does}.</span>
      </section>
      <div className="columns">
        <Folders
          folders={mail.folders} chosen={calendar ? undefined : mail.folder?.id} unread={0}
          onChoose={(id) => { setCalendar(false); mail.chooseFolder(id); }}
          calendar={{ chosen: calendar, onChoose: () => setCalendar(true) }}
        />
        <MessageList
          title={mail.folder ? folderName(mail.folder) : 'Inbox'} messages={mail.messages} problem={mail.problem}
          selected={selected?.id} outgoing={mail.folder?.sysLabel === 'sent'} now={now} onSelect={select}
        />
        <main className="stage">
          {draft
            ? <Compose key={draft.key} draft={draft} from={`${buyer.name} <${buyer.email}>`} sending={sending} problem={problem} onSend={() => void send(draft)} onDiscard={() => setDraft(undefined)} />
            : calendar ? <Calendar api={mail.api} now={now} round={bookings} />
            : selected ? <Reading key={selected.id} who="buyer" client={reading} message={selected} notifications={[]} onReply={(all) => void reply(selected, all)} />
            : <div className="empty"><p>Choose a message to read, as {buyer.name} would.</p></div>}
        </main>
      </div>
    </div>
  );
}
