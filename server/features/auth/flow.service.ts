import { transaction } from '../../db/db.ts';
import type { Deps } from '../../deps.ts';
import { AppError, invalid } from '../../errors.ts';
import type { RequestFacts } from '../../http/operation.ts';
import { hashToken, hmacSha256, sameSecret } from '../../lib/ids.ts';
import type { Scope } from '../../lib/scopes.ts';
import { appByClientId, primaryAccountOf, type AccountRow, type AppRow } from '../accounts/queries.ts';
import { issueAccountToken } from '../accounts/service.ts';
import { codeForApp, codeForIdentity } from './grant.service.ts';
import { applyGrant, type Grant } from './linking.service.ts';
import * as queries from './queries.ts';
import { cookieName, createSession } from './session.service.ts';

type Needs = Pick<Deps, 'db' | 'keys' | 'clock' | 'config'>;

/** What a client asks for at the beginning of a flow, from either operation. */
export interface FlowRequest {
  readonly clientId: string;
  readonly serviceType: string;
  readonly role: 'primary' | 'secondary' | undefined;
  readonly responseType: ResponseType;
  readonly returnUrl?: string | undefined;
  readonly state?: string | undefined;
  readonly scopes?: readonly Scope[] | undefined;
  readonly nativeScopes?: readonly string[] | undefined;
  readonly accountId?: number | undefined;
  readonly clientOrgId?: string | undefined;
  readonly authEmail?: string | undefined;
  readonly mailboxInfo?: string | undefined;
  readonly userId?: string | undefined;
  readonly timestamp?: number | undefined;
  readonly userSignature?: string | undefined;
  readonly token?: string | undefined;
}

export type ResponseType = 'cookie' | 'code' | 'none' | 'token';

/** A flow as it travels through the form, signed: everything in it has been checked. */
export interface Flow {
  readonly clientId: string;
  readonly responseType: ResponseType;
  readonly returnUrl?: string | undefined;
  readonly state?: string | undefined;
  readonly accountId?: number | undefined;
  readonly authEmail?: string | undefined;
  readonly mailboxInfo?: string | undefined;
  readonly preparedId?: number | undefined;
  readonly grant: Grant;
}

/** How a flow ends; becomes parameters of the return URL, or a message to the opening window. */
export type Outcome =
  | { readonly status: 'success'; readonly code?: string; readonly token?: string; readonly cookie?: { name: string; value: string } }
  | { readonly status: 'error'; readonly error: string; readonly errorMessage: string };

/** Whoever asks, as far as the server knows it: never what a parameter claims. */
export interface Asking {
  readonly host: string;
  /** The mailbox that this Exchange identity is linked to now. */
  readonly linkedTo: string | undefined;
}

/**
 * The application and the place to return to. What is wrong here is told to the caller's face (400),
 * because there is nowhere trustworthy to send an error to.
 */
export async function requireReturn(deps: Needs, clientId: string, returnUrl: string | undefined): Promise<AppRow> {
  const app = await appByClientId(deps.db, clientId);
  if (!app) throw invalid('clientId', 'there is no such application.');
  if (returnUrl === undefined ? app.origins.length > 0 : app.return_urls.includes(returnUrl)) return app;
  throw new AppError('returnurl.invalid', returnUrl === undefined
    ? 'returnUrl: is missing, and the application lists no origin that a window message could go to.'
    : 'returnUrl: is not on the list of this application (SUNDIAL_RETURN_URLS); it has to match exactly.');
}

export interface BegunFlow {
  readonly flow: Flow;
  readonly asking: Asking | undefined;
  /** The user's own mailbox, where this one is to be added to it. */
  readonly joins: string | undefined;
}

/** Throws what ends the flow before the form: it goes back to the return URL as an error. */
export async function beginFlow(deps: Needs, app: AppRow, asked: FlowRequest, facts: RequestFacts): Promise<BegunFlow> {
  const prepared = asked.token === undefined ? undefined : await requirePrepared(deps, asked.token);
  const identity = prepared && { metadataUrl: prepared.metadata_url, exchangeUid: prepared.exchange_uid };
  const role = asked.role ?? (prepared ? 'primary' : undefined);
  if (!role && asked.responseType === 'cookie') throw invalid('responseType', 'cookie needs a user; call authorizeUser, or add userAccount=primary.');
  const linked = identity && (await queries.callersByIdentity(deps.db, identity, app.id))[0];
  const userId = asked.userId !== undefined ? await requireSignedUser(deps, app, asked)
    : role === 'secondary' && !prepared ? (await currentUser(deps, app, asked, facts))?.user_id : undefined;
  if (role === 'secondary' && userId === undefined && !linked) {
    throw new AppError('unauthorized', 'A secondary account needs a user: sign in with a primary account first.');
  }
  const flow: Flow = {
    clientId: asked.clientId, responseType: asked.responseType, returnUrl: asked.returnUrl, state: asked.state,
    accountId: asked.accountId, authEmail: asked.authEmail, mailboxInfo: asked.mailboxInfo, preparedId: prepared?.id,
    grant: { scopes: asked.scopes, nativeScopes: asked.nativeScopes, clientOrgId: asked.clientOrgId, role, userId },
  };
  const asking = identity && {
    host: new URL(identity.metadataUrl).host,
    linkedTo: linked && (await primaryAccountOf(deps.db, linked.user_id))?.email,
  };
  const joins = userId === undefined ? undefined : (await primaryAccountOf(deps.db, userId))?.email;
  return { flow, asking, joins };
}

/** The person has proved to own `account`. Throws 409 where it is not the one that was asked for. */
export async function completeFlow(deps: Needs, app: AppRow, flow: Flow, account: AccountRow): Promise<Outcome> {
  if (flow.accountId !== undefined && flow.accountId !== account.id) throw new AppError('account.mismatch', 'The application asks to renew another account. Sign in with that one.');
  if (flow.authEmail !== undefined && flow.authEmail.toLowerCase() !== account.email.toLowerCase()) throw new AppError('account.mismatch', `The application asks for ${flow.authEmail}. Sign in with that one.`);
  return transaction(deps.db, async (trx) => {
    const now = deps.clock.real();
    if (flow.preparedId !== undefined) {
      const prepared = await queries.usePrepared(trx, flow.preparedId, now);
      if (!prepared) throw preparedIsOver();
      const identity = { metadataUrl: prepared.metadata_url, exchangeUid: prepared.exchange_uid };
      // For clients of the documented flow, which never redeem; its risk is that a lured victim links here.
      if (app.link_without_redeem) await applyGrant(trx, account.id, flow.grant, identity, now);
      return { status: 'success', code: await codeForIdentity(trx, deps, app.id, account.id, flow.grant, identity) };
    }
    const userId = await applyGrant(trx, account.id, flow.grant, undefined, now);
    switch (flow.responseType) {
      case 'code': return { status: 'success', code: await codeForApp(trx, deps, app.id, account.id, userId) };
      case 'token': return { status: 'success', token: await issueAccountToken(trx, account.id) };
      case 'none': return { status: 'success' };
      case 'cookie': {
        if (userId === undefined) throw new Error('A cookie needs a user; beginFlow refuses a flow without one.');
        return { status: 'success', cookie: { name: cookieName(app.id, flow.mailboxInfo), value: await createSession(trx, deps, userId, 'cookie') } };
      }
    }
  });
}

/** "This isn't me": nothing is linked, and the prepared token is spent. */
export async function cancelFlow(deps: Needs, flow: Flow): Promise<Outcome> {
  if (flow.preparedId !== undefined) {
    const { preparedId } = flow;
    await transaction(deps.db, (trx) => queries.usePrepared(trx, preparedId, deps.clock.real()));
  }
  return { status: 'error', error: 'access.denied', errorMessage: 'The sign-in was cancelled.' };
}

async function requirePrepared(deps: Needs, token: string): Promise<queries.PreparedRow> {
  const prepared = await queries.preparedByHash(deps.db, hashToken(token), deps.clock.real());
  if (!prepared) throw preparedIsOver();
  return prepared;
}

const preparedIsOver = (): AppError => new AppError('token.notValid', 'This sign-in was used already or is more than ten minutes old. Start it again from Outlook.');

const SIGNATURE_AGE_MS = 5 * 60_000;
/** Unix times below this are seconds (until the year 5138), above it milliseconds. */
const FIRST_MILLISECONDS = 1e11;

/** `userId` is believed to an application's server only: it signs it with the client secret, freshly. */
async function requireSignedUser(deps: Needs, app: AppRow, asked: FlowRequest): Promise<string> {
  const { userId = '', timestamp, userSignature } = asked;
  if (timestamp === undefined || userSignature === undefined) throw new AppError('unauthorized', 'userId: comes with timestamp and userSignature only.');
  const milliseconds = timestamp < FIRST_MILLISECONDS ? timestamp * 1000 : timestamp;
  if (Math.abs(deps.clock.real().getTime() - milliseconds) > SIGNATURE_AGE_MS) throw new AppError('unauthorized', 'timestamp: is more than five minutes from the server\'s clock.');
  const mac = hmacSha256(await deps.keys.decrypt(app.client_secret), `${userId}${timestamp}`);
  // A `+` of base64 arrives as a space where the client did not escape it.
  const given = userSignature.replaceAll(' ', '+').replace(/=+$/, '');
  const right = [mac.toString('hex'), mac.toString('base64').replace(/=+$/, ''), mac.toString('base64url')]
    .some((form) => sameSecret(form, /^[0-9a-f]{64}$/i.test(given) ? given.toLowerCase() : given));
  if (!right) throw new AppError('unauthorized', 'userSignature: is not HMAC-SHA256(client secret, userId + timestamp).');
  if (!await queries.userOfApp(deps.db, app.id, userId)) throw new AppError('notFound', 'userId: this application has no such user.');
  return userId;
}

/** The user of this browser's cookie for the application, or of the session that the client sends. */
async function currentUser(deps: Needs, app: AppRow, asked: FlowRequest, facts: RequestFacts): Promise<queries.Caller | undefined> {
  const now = deps.clock.real();
  const cookie = facts.cookies[cookieName(app.id, asked.mailboxInfo)];
  const header = facts.rawHeaders['x-aurinko-session'];
  const found = cookie ? await queries.callerBySession(deps.db, hashToken(cookie), 'cookie', now)
    : header ? await queries.callerBySession(deps.db, hashToken(header), 'header', now) : undefined;
  return found?.app_id === app.id ? found : undefined;
}
