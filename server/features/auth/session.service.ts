import { createHash } from 'node:crypto';
import type { Trx } from '../../db/db.ts';
import type { Deps } from '../../deps.ts';
import type { Cookie } from '../../http/reply.ts';
import { hashToken, randomToken } from '../../lib/ids.ts';
import * as queries from './queries.ts';

/** How long a sign-in lasts without being renewed. */
const SESSION_SECONDS = 30 * 86_400;

/** `AUR{appId}`; a client that serves several mailboxes in one browser tells them apart by its mailbox info. */
export function cookieName(appId: number, mailboxInfo: string | undefined): string {
  if (!mailboxInfo) return `AUR${appId}`;
  return `AUR${appId}_${createHash('sha256').update(mailboxInfo).digest('base64url').slice(0, 16)}`;
}

/** A new session of the user; the value is for the client alone, only its hash stays. */
export async function createSession(trx: Trx, deps: Pick<Deps, 'clock'>, userId: string, kind: 'cookie' | 'header'): Promise<string> {
  const token = randomToken();
  const expires = new Date(deps.clock.real().getTime() + SESSION_SECONDS * 1000);
  await queries.insertSession(trx, { user_id: userId, token_hash: hashToken(token), kind, expires_at: expires });
  return token;
}

/** Over plain http (the playground) browsers take no Secure cookie, and `none` needs one. */
export const sessionCookie = (name: string, value: string | undefined, secure: boolean): Cookie =>
  ({ name, value, sameSite: secure ? 'none' : 'lax', ...(value === undefined ? {} : { maxAgeSeconds: SESSION_SECONDS }) });

/** Every cookie and session token of the user, in every browser. */
export async function endSessions(trx: Trx, userId: string): Promise<void> {
  await queries.deleteSessions(trx, userId);
}

/** Beyond the sessions: the Exchange mailboxes of the user have to be linked anew. */
export async function unlinkIdentities(trx: Trx, userId: string): Promise<void> {
  await queries.unlinkIdentities(trx, userId);
}
