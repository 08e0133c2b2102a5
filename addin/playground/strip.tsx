import { useEffect, useRef, useState } from 'react';
import { playground, type ClockState, type Progress } from './api.ts';
import { Icon } from './icons.tsx';
import { longTime } from './text.ts';
import { sentence } from './use-mailbox.ts';

const HOUR_MS = 3_600_000;
const TICK_MS = 10_000;

/** The product's time as it passes: the wall clock plus how far the playground is ahead. */
export function useNow({ aheadMs }: ClockState): Date {
  const [wall, setWall] = useState(() => Date.now());
  useEffect(() => {
    const tick = () => setWall(Date.now());
    // A clock that was just moved shows its new time to the second, not that of the last tick.
    tick();
    const timer = setInterval(tick, TICK_MS);
    return () => clearInterval(timer);
  }, [aheadMs]);
  return new Date(wall + aheadMs);
}

/** The strip that says what this is, with the clock that both windows share. */
export function Strip({ now, as, onReset, children }: { now: Date; as: string; onReset?: () => Promise<unknown>; children?: React.ReactNode }) {
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState('');
  const [asking, setAsking] = useState(false);
  const keep = useRef<HTMLButtonElement>(null);

  const move = async (by: { advanceMs: number } | { to: 'nextFollowUp' }): Promise<void> => {
    setBusy(true);
    try {
      const moved = await playground.moveClock(by);
      const sent = moved.sent === 1 ? '1 follow-up sent.' : moved.sent ? `${moved.sent} follow-ups sent.` : 'No follow-up was due.';
      // The clock beside it shows the new date; the two together read as one sentence.
      setResult(moved.moved ? sent : 'No follow-up is planned.');
    } catch (error) {
      setResult(sentence(error));
    }
    setBusy(false);
  };
  const reset = async (): Promise<void> => {
    setBusy(true);
    try {
      await onReset?.();
    } catch (error) {
      setResult(sentence(error));
    }
    setAsking(false);
    setBusy(false);
  };
  useEffect(() => {
    if (asking) keep.current?.focus();
  }, [asking]);

  return (
    <div className="strip" role="region" aria-label="Playground">
      <h1>Playground, not Outlook</h1>
      {!asking && <span className="as">{as}</span>}
      <span className="clock">
        <span>Clock <time dateTime={now.toISOString()}>{longTime(now)}</time></span>
        <button type="button" disabled={busy} onClick={() => void move({ advanceMs: HOUR_MS })}>+1 h</button>
        <button type="button" disabled={busy} onClick={() => void move({ advanceMs: 24 * HOUR_MS })}>+1 day</button>
        <button type="button" disabled={busy} onClick={() => void move({ to: 'nextFollowUp' })}>Next follow-up</button>
        <span role="status" className="result">{busy ? 'One moment…' : asking ? '' : result}</span>
      </span>
      <span className="strip-right">
        {children}
        {onReset && !asking && <button type="button" disabled={busy} onClick={() => setAsking(true)}>Reset</button>}
        {asking && (
          <span className="confirm" role="group" aria-label="Reset the playground">
            Both mailboxes start anew.
            <button type="button" disabled={busy} onClick={() => void reset()}>Reset now</button>
            <button type="button" ref={keep} onClick={() => setAsking(false)}>Keep</button>
          </span>
        )}
      </span>
    </div>
  );
}

const STEPS: readonly { readonly key: keyof Progress; readonly name: string; readonly hint: string }[] = [
  { key: 'signIn', name: 'Sign in', hint: 'In the Sundial pane on the right, choose Sign in.' },
  { key: 'send', name: 'Send', hint: 'Write a message, turn on Track this message, add a follow-up, send it.' },
  { key: 'open', name: 'Open', hint: 'Open the other person’s window and read your message there.' },
  { key: 'followUp', name: 'Follow up', hint: 'Press Next follow-up in the clock: one follow-up goes out.' },
  { key: 'book', name: 'Book', hint: 'Insert a booking link, send it, and book a time with it.' },
];

/** The first five minutes; ticked by what the server recorded. */
export function Checklist({ progress, onWrite, onHide }: { progress: Progress; onWrite: (() => void) | undefined; onHide: () => void }) {
  const next = STEPS.find((step) => !progress[step.key]);
  return (
    <div className="checklist" role="region" aria-label="The first five minutes">
      <ol>
        {STEPS.map((step) => (
          <li key={step.key} className={progress[step.key] ? 'done' : step === next ? 'next' : ''}>
            <span className="box" aria-hidden="true">{progress[step.key] && <Icon name="check" />}</span>
            {step.name}<span className="hidden">{progress[step.key] ? ', done' : ', open'}</span>
          </li>
        ))}
      </ol>
      <span className="hint">{next ? next.hint : 'All done: this is the whole product.'}</span>
      {next?.key === 'send' && onWrite && <button type="button" className="primary" onClick={onWrite}>Write a tracked mail</button>}
      <button type="button" className="bare" title="Hide the checklist" aria-label="Hide the checklist" onClick={onHide}><Icon name="close" /></button>
    </div>
  );
}
