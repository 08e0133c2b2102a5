import type { Folder, Message } from './api.ts';
import { Icon, type IconName } from './icons.tsx';
import { shortDate } from './text.ts';

const NAMES: Readonly<Record<string, { name: string; icon: IconName }>> = {
  inbox: { name: 'Inbox', icon: 'inbox' },
  draft: { name: 'Drafts', icon: 'draft' },
  sent: { name: 'Sent Items', icon: 'sent' },
  trash: { name: 'Deleted Items', icon: 'trash' },
  junk: { name: 'Junk Email', icon: 'junk' },
};

export const folderName = (folder: Folder): string => NAMES[folder.sysLabel ?? '']?.name ?? folder.name ?? 'Folder';

export function Folders({ folders, chosen, unread, onChoose, calendar }: {
  folders: readonly Folder[];
  chosen: string | undefined;
  unread: number;
  onChoose: (id: string) => void;
  calendar: { chosen: boolean; onChoose: () => void };
}) {
  return (
    <nav className="folders" aria-label="Folders">
      {folders.map((folder) => (
        <button key={folder.id} type="button" className="folder" aria-current={folder.id === chosen ? 'true' : undefined} title={folderName(folder)} onClick={() => onChoose(folder.id)}>
          <Icon name={NAMES[folder.sysLabel ?? '']?.icon ?? 'folder'} />
          <span className="folder-name">{folderName(folder)}</span>
          {folder.sysLabel === 'inbox' && unread > 0 && <span className="count" aria-label={`${unread} unread`}>{unread}</span>}
        </button>
      ))}
      <hr />
      <button type="button" className="folder" aria-current={calendar.chosen ? 'true' : undefined} title="Calendar" onClick={calendar.onChoose}>
        <Icon name="calendar" /><span className="folder-name">Calendar</span>
      </button>
    </nav>
  );
}

/** Sent and draft folders show whom a message goes to, the others whom it came from. */
export function MessageList({ title, messages, problem, selected, outgoing, now, onSelect }: {
  title: string;
  messages: readonly Message[] | undefined;
  problem: string | undefined;
  selected: string | undefined;
  outgoing: boolean;
  now: Date;
  onSelect: (message: Message) => void;
}) {
  return (
    <section className="list" aria-label={title}>
      <h2>{title}</h2>
      {problem && <p className="note" role="alert">{problem}</p>}
      {messages?.length === 0 && !problem && <p className="note">Nothing in here.</p>}
      <ul>
        {messages?.map((message) => {
          const people = outgoing ? message.to ?? [] : message.from ? [message.from] : [];
          const unread = message.sysLabels?.includes('unread') ?? false;
          return (
            <li key={message.id}>
              <button type="button" className={unread ? 'row unread' : 'row'} aria-current={message.id === selected ? 'true' : undefined} onClick={() => onSelect(message)}>
                <span className="row-top">
                  <span className="who">{people.map((p) => p.name || p.address).join(', ') || (outgoing ? '(no recipient)' : '(no sender)')}</span>
                  <time dateTime={message.sentAt ?? message.receivedAt}>{shortDate(message.sentAt ?? message.receivedAt ?? message.createdTime, now)}</time>
                </span>
                <span className="row-subject">{message.subject || '(no subject)'}</span>
                <span className="row-snippet">{message.bodySnippet ?? ''}</span>
                {unread && <span className="hidden">Unread</span>}
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
