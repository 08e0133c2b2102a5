import { StrictMode, useCallback, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { playground, RequestError, type Session } from './api.ts';
import { BuyerWindow } from './buyer.tsx';
import { OutlookWindow } from './outlook.tsx';
import { stored } from './stored.ts';
import { STYLES } from './styles.ts';
import { sentence } from './use-mailbox.ts';

const RETRY_MS = 500;
const MOST_TRIES = 60;
const asBuyer = new URLSearchParams(location.search).get('as') === 'buyer';

/** A first start is still making the mailboxes for a moment, and says so with 503. */
async function openSession(tries = 0): Promise<Session> {
  try {
    return await playground.session();
  } catch (error) {
    if (!(error instanceof RequestError) || error.status !== 503 || tries >= MOST_TRIES) throw error;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    return openSession(tries + 1);
  }
}

function Page() {
  const [session, setSession] = useState<Session>();
  const [problem, setProblem] = useState<string>();
  const load = useCallback(() => openSession().then(setSession, (error: unknown) => setProblem(sentence(error))), []);
  useEffect(() => void load(), [load]);
  const again = useCallback(() => {
    stored.clear();
    void load();
  }, [load]);

  if (problem) return <div className="empty" role="alert"><p>{problem} <button type="button" className="link" onClick={() => location.reload()}>Reload</button></p></div>;
  if (!session) return <div className="empty" role="status"><p>Opening the mailboxes…</p></div>;
  // A Reset makes new accounts, with which everything in the window starts anew.
  const key = session.mailboxes.you.accountId;
  return asBuyer ? <BuyerWindow key={key} session={session} onReset={again} /> : <OutlookWindow key={key} session={session} onReset={again} />;
}

const style = document.createElement('style');
style.textContent = STYLES;
document.head.append(style);
document.title = asBuyer ? 'buyer@playground.test – Sundial playground' : 'Sundial playground';
createRoot(document.getElementById('root')!).render(<StrictMode><Page /></StrictMode>);
