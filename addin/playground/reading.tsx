import { useEffect, useState } from 'react';
import { playground, type Client, type Message, type Who } from './api.ts';
import { Icon } from './icons.tsx';
import { longTime } from './text.ts';
import { sentence } from './use-mailbox.ts';

export interface ReadingProps {
  readonly who: Who;
  /** How this window's program treats images; another choice shows the message anew. */
  readonly client: Client;
  readonly message: Message;
  readonly notifications: readonly { readonly key: string; readonly message: string }[];
  readonly onReply?: (all: boolean, shownHtml: string) => void;
  readonly onDelete?: () => void;
}

export function Reading({ who, client, message, notifications, onReply, onDelete }: ReadingProps) {
  const [shown, setShown] = useState<{ html: string; blockedImages: number }>();
  const [problem, setProblem] = useState<string>();
  const [loadImages, setLoadImages] = useState(false);

  useEffect(() => {
    let current = true;
    playground.open(who, message.id, loadImages).then((view) => current && setShown(view), (error: unknown) => current && setProblem(sentence(error)));
    return () => {
      current = false;
    };
  }, [who, client, message.id, loadImages]);

  const own = message.sysLabels?.includes('sent') ?? false;
  const people = (list: Message['to']): string => (list ?? []).map((p) => p.name || p.address).join('; ');
  const date = message.sentAt ?? message.receivedAt;
  return (
    <article className="reading" aria-label={message.subject || '(no subject)'}>
      <header>
        <h2>{message.subject || '(no subject)'}</h2>
        <div className="envelope">
          <span className="avatar" aria-hidden="true">{(message.from?.name || message.from?.address || '?').slice(0, 1).toUpperCase()}</span>
          <div>
            <div><b>{message.from?.name || message.from?.address || '(no sender)'}</b> {message.from?.name && <span className="faint">&lt;{message.from.address}&gt;</span>}</div>
            <div className="faint">To: {people(message.to)}{message.cc?.length ? `; Cc: ${people(message.cc)}` : ''}</div>
          </div>
          <div className="envelope-right">
            {date && <time className="faint" dateTime={date}>{longTime(new Date(date))}</time>}
            <span className="actions">
              {onReply && <button type="button" onClick={() => onReply(false, shown?.html ?? '')}><Icon name="reply" />Reply</button>}
              {onReply && (message.to?.length ?? 0) + (message.cc?.length ?? 0) > 1 && <button type="button" onClick={() => onReply(true, shown?.html ?? '')}><Icon name="replyAll" />Reply all</button>}
              {onDelete && <button type="button" onClick={onDelete}><Icon name="trash" />Delete</button>}
            </span>
          </div>
        </div>
      </header>
      {notifications.map((n) => <p key={n.key} className="infobar"><Icon name="sundial" />{n.message}</p>)}
      {shown && shown.blockedImages > 0 && (
        <p className="infobar" role="status">
          <Icon name="image" />
          <span>{own ? 'Images of your own message are not loaded.' : 'Images are not loaded, so that the sender does not learn that you read it.'}</span>
          {client !== 'apple' && <button type="button" className="link" onClick={() => setLoadImages(true)}>Load images</button>}
        </p>
      )}
      {problem ? <p className="note" role="alert">{problem}</p>
        : shown && <iframe className="body" title="Message" sandbox="allow-popups allow-popups-to-escape-sandbox" srcDoc={bodyPage(shown.html)} />}
    </article>
  );
}

/** The body is already sanitised; the frame has no scripts, no origin and may load nothing. */
const bodyPage = (html: string): string => `<!doctype html><html><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<style>body{font:15px/1.5 "Segoe UI",system-ui,sans-serif;margin:16px 20px;color:#242424;background:#fff;overflow-wrap:anywhere}img{max-width:100%}img[data-blocked]{display:inline-block;min-width:12px;min-height:12px;border:1px dashed #999;vertical-align:middle}blockquote{margin:0 0 0 8px;padding-left:12px;border-left:2px solid #c8c8c8;color:#555}</style>
</head><body>${html}</body></html>`;
