import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { ApiError, createApi, type Api } from '../../api.ts';
import { openDialog, type Dialog } from '../../office/dialog.ts';
import { OfficeError } from '../../office/errors.ts';
import { identityToken } from '../../office/mailbox.ts';
import type { Account, PaneConfig } from '../pane.ts';

/**
 * Signing in: Outlook's identity token says which mailbox asks; the dialog's form says whose Sundial
 * account it is; redeeming the one-time code with the same identity token ties the two together. Tokens
 * live in memory only: a new pane starts by asking whether the mailbox is linked already.
 */
export type Session =
  | { readonly state: 'checking' }
  | { readonly state: 'signedOut'; readonly problem?: unknown }
  | { readonly state: 'opening' }
  | { readonly state: 'waiting' }
  | { readonly state: 'linking' }
  | { readonly state: 'failed'; readonly problem: unknown }
  | { readonly state: 'signedIn' };

export interface SessionControl {
  readonly session: Session;
  /** Whose screens stand: kept when the session ends by itself, so that a form half filled in outlives it. Gone after a sign-out. */
  readonly account: Account | null;
  /** Counts the sign-ins: what was read under the one before may be old. */
  readonly round: number;
  readonly api: Api;
  readonly check: () => Promise<void>;
  readonly signIn: () => Promise<void>;
  readonly cancel: () => void;
  readonly signOut: () => Promise<void>;
}

/** Exchange's tokens live eight hours; one is used for a quarter of an hour before the next is fetched. */
const TOKEN_MS = 15 * 60_000;
/** A token as young as this is not refused for its age: another would be refused too. */
const YOUNG_MS = 60_000;

export function useSession(config: PaneConfig): SessionControl {
  const [session, setSession] = useState<Session>({ state: 'checking' });
  const [account, setAccount] = useState<Account | null>(null);
  const [round, setRound] = useState(0);
  const dialog = useRef<Dialog | null>(null);
  const attempt = useRef(0);

  const api = useMemo(() => createApi({
    clientId: config.clientId,
    token: tokenSource(),
    onSignedOut: () => setSession((now) => (now.state === 'signedIn' ? { state: 'signedOut' } : now)),
  }), [config.clientId]);

  const load = useCallback(async () => {
    const user = await api.call('GET /v1/user');
    const primary = user.accounts?.find((a) => a.userAccountType === 'primary') ?? user.accounts?.[0];
    if (!primary) return setSession({ state: 'signedOut' });
    setAccount({ id: primary.id, email: primary.email ?? user.email ?? '', name: primary.name ?? user.name ?? '', serviceType: primary.serviceType ?? '', timezone: primary.timezone });
    setRound((n) => n + 1);
    setSession({ state: 'signedIn' });
  }, [api]);

  const check = useCallback(async () => {
    try {
      await load();
    } catch (error) {
      // Not linked yet is the ordinary first state, not a failure.
      const unlinked = error instanceof ApiError && (error.status === 401 || error.status === 404);
      setSession(unlinked ? { state: 'signedOut' } : { state: 'failed', problem: error });
    }
  }, [load]);

  useEffect(() => {
    // The state changes only when the answer is there.
    // eslint-disable-next-line react-hooks/set-state-in-effect
    void check();
  }, [check]);

  const signIn = useCallback(async () => {
    const mine = ++attempt.current;
    const stale = () => attempt.current !== mine;
    dialog.current?.close();
    dialog.current = null;
    setSession({ state: 'opening' });
    try {
      const state = randomState();
      const prepared = await api.call('POST /v1/auth/prepare');
      const opened = await openDialog(authorizeUrl(config, prepared.token, state));
      if (stale()) return opened.close();
      dialog.current = opened;
      setSession({ state: 'waiting' });
      const answer = readAnswer(await opened.message);
      opened.close();
      if (stale()) return;
      if (answer.status !== 'success' || !answer.code) throw new ApiError(answer.error ?? 'signin.failed', answer.errorMessage ?? 'The sign-in ended without a result.', 400, answer.requestId ?? undefined);
      // Another state would be the answer to somebody else's sign-in.
      if (answer.state !== state) throw new ApiError('signin.state', 'The sign-in window answered for another sign-in. Nothing was linked.', 400);
      setSession({ state: 'linking' });
      await api.call('POST /v1/auth/token/{code}', { params: { code: answer.code } });
      await load();
    } catch (error) {
      if (stale()) return;
      const closed = error instanceof OfficeError && error.code === 'dialog.closed';
      setSession(closed ? { state: 'signedOut' } : { state: 'signedOut', problem: error });
    } finally {
      if (!stale()) dialog.current = null;
    }
  }, [api, config, load]);

  const cancel = useCallback(() => {
    attempt.current += 1;
    dialog.current?.close();
    dialog.current = null;
    setSession({ state: 'signedOut' });
  }, []);

  const signOut = useCallback(async () => {
    await api.call('POST /v1/user/logout');
    setAccount(null);
    setSession({ state: 'signedOut' });
  }, [api]);

  return { session, account, round, api, check, signIn, cancel, signOut };
}

function tokenSource(): (fresh: boolean) => Promise<string> {
  let held: { token: string; at: number } | undefined;
  return async (fresh) => {
    const age = held ? performance.now() - held.at : Infinity;
    if (!held || age > TOKEN_MS || (fresh && age > YOUNG_MS)) held = { token: await identityToken(), at: performance.now() };
    return held.token;
  };
}

/** The dialog must open on the pane's own origin, whatever the public URL says. */
function authorizeUrl(config: PaneConfig, token: string, state: string): string {
  const query = new URLSearchParams({
    clientId: config.clientId,
    serviceType: 'Hosted',
    accountRole: 'primary',
    responseType: 'code',
    token,
    state,
    returnUrl: `${location.origin}/addin/auth-return.html`,
  });
  return `${location.origin}/v1/auth/authorizeUser?${query}`;
}

interface DialogAnswer {
  readonly status: string;
  readonly code: string | null;
  readonly state: string | null;
  readonly error: string | null;
  readonly errorMessage: string | null;
  readonly requestId: string | null;
}

function readAnswer(message: string): DialogAnswer {
  let value: (DialogAnswer & { kind?: string }) | undefined;
  try {
    value = JSON.parse(message) as DialogAnswer & { kind?: string };
  } catch {
    // Said by the check below.
  }
  if (value?.kind !== 'sundial.signin') throw new OfficeError('dialog.failed', 'The sign-in window sent something else than an answer.');
  return value;
}

/** Says whose Office.js the dialog's last page runs on: its URL is registered letter for letter, so only the state can. */
function randomState(): string {
  const host = new URLSearchParams(location.search).get('host') === 'playground' ? 'playground.' : '';
  return host + Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
