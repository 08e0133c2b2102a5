import { createContext, useContext } from 'react';
import { ApiError, type Api } from '../api.ts';
import { OfficeError } from '../office/errors.ts';
import type { MailboxOwner } from '../office/mailbox.ts';
import type { Problem } from '../ui/states.tsx';

/** What the server writes into the page. */
export interface PaneConfig {
  readonly clientId: string;
  readonly publicUrl: string;
  readonly mode: 'playground' | 'production';
}

export interface Account {
  readonly id: number;
  readonly email: string;
  readonly name: string;
  readonly serviceType: string;
  readonly timezone: string | undefined;
}

/** What every screen behind the sign-in may use. */
export interface Pane {
  readonly api: Api;
  readonly config: PaneConfig;
  readonly owner: MailboxOwner;
  readonly account: Account;
  /** Outlook on a phone: reading, and two actions at most. */
  readonly phone: boolean;
  readonly signOut: () => Promise<void>;
}

export const PaneContext = createContext<Pane | null>(null);

export function usePane(): Pane {
  const pane = useContext(PaneContext);
  if (!pane) throw new Error('This screen needs a signed-in pane around it.');
  return pane;
}

/** The pane and the dialog are served by one origin, so the public URL serves only where it is that origin. */
export function readConfig(): PaneConfig {
  const text = document.getElementById('sundial-config')?.textContent;
  if (!text) throw new Error('The page carries no settings.');
  return JSON.parse(text) as PaneConfig;
}

/** True for what needs no word to anybody: another message was chosen meanwhile. */
export const isStale = (error: unknown): boolean => error instanceof OfficeError && error.code === 'item.changed';

/** A failure in words: what happened to the person's mail, what can be done. `again` is offered where it may help. */
export function problemOf(error: unknown, again?: () => void): Problem {
  const retry = again ? { action: { label: 'Try again', run: again } } : {};
  if (error instanceof OfficeError) {
    return { text: error.advice, ...retry, details: `${error.code}${error.nativeCode === undefined ? '' : ` (${error.nativeCode})`}: ${error.message}` };
  }
  if (!(error instanceof ApiError)) return { text: 'Something failed in the pane.', ...retry, details: String(error) };
  const details = [error.code, error.message, error.requestId && `requestId ${error.requestId}`].filter(Boolean).join(' · ');
  if (error.code === 'offline') return { text: 'Sundial’s server can’t be reached. Check the connection.', ...(again ? { action: { label: 'Retry', run: again } } : {}) };
  // With its key, a request that is sent again has its effect once.
  if (error.code === 'unknown') return { text: `The connection broke before the server answered.${again ? ' Trying again does nothing twice.' : ''}`, ...retry, details };
  if (error.status === 401) return { text: 'This needs you to sign in again.', details };
  if (error.status >= 500) return { text: 'Something failed on the server; nothing was sent.', ...retry, details };
  if (error.status === 429) return { text: 'Too many requests just now. Wait a moment.', ...retry, details };
  return { text: error.message, details };
}
