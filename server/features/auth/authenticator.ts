import type { Deps } from '../../deps.ts';
import { AppError, invalid, notFound } from '../../errors.ts';
import type { Authenticator } from '../../http/authenticator.ts';
import type { AuthRule, Principal, RequestFacts } from '../../http/operation.ts';
import { hashToken, sameSecret } from '../../lib/ids.ts';
import { accountById, accountByTokenHash, appByClientId, appById, type AccountRow, type AppRow } from '../accounts/queries.ts';
import { exchangeTokensOf } from './exchange-token.ts';
import { callerBySession, callersByIdentity, markActive, type Caller } from './queries.ts';
import { cookieName } from './session.service.ts';

type Needs = Pick<Deps, 'db' | 'keys' | 'config' | 'clock' | 'fetch'> & {
  /** When this process last wrote that a user was active. */
  readonly noted: Map<string, number>;
  readonly appIds: Map<string, number>;
};

/** Clients in the field write some of these headers with and some without the inner hyphen. */
export const clientIdHeader = (facts: RequestFacts): string | undefined => facts.rawHeaders['x-aurinko-client-id'] ?? facts.rawHeaders['x-aurinko-clientid'];
export const authTypeHeader = (facts: RequestFacts): string | undefined => facts.rawHeaders['x-aurinko-auth-type'] ?? facts.rawHeaders['x-aurinko-authtype'];

/**
 * The five ways of the reference on one mechanism. Each leads to an application and, where the operation
 * asks for it, to one account; what belongs to somebody else does not exist (404).
 */
export function createAuthenticator({ db, keys, config, clock, fetch }: Omit<Needs, 'noted' | 'appIds'>): Authenticator {
  const deps: Needs = { db, keys, config, clock, fetch, noted: new Map(), appIds: new Map() };
  return async (facts, rule) => {
    const found = await find(deps, facts, rule);
    if (!found) {
      if (rule === 'none') return null;
      throw unauthorized(needed[rule]);
    }
    if (facts.origin !== undefined) requireListedOrigin(deps, facts, await found.app());
    return found.principal;
  };
}

interface Found {
  readonly principal: Principal;
  /** Read only where an origin must be held against its list. */
  readonly app: () => Promise<AppRow | undefined>;
}

const needed: Record<Exclude<AuthRule, 'none'>, string> = {
  app: 'This operation needs Basic authentication with the client id and secret.',
  account: 'This operation needs an account token, a session, or Basic authentication with X-Aurinko-Account-Id.',
  user: 'This operation needs a user session or a linked Exchange identity.',
};

async function find(deps: Needs, facts: RequestFacts, rule: AuthRule): Promise<Found | undefined> {
  const [scheme = '', credentials = ''] = (facts.rawHeaders.authorization ?? '').split(/ +/, 2);
  const type = authTypeHeader(facts);
  if (/^basic$/i.test(scheme)) return byBasic(deps, facts, rule, credentials);
  if (rule === 'app') return undefined;
  if (type !== undefined) return byForeignToken(deps, facts, rule, type, /^bearer$/i.test(scheme) ? credentials : '');
  if (/^bearer$/i.test(scheme)) return byAccountToken(deps, rule, credentials);
  const session = facts.rawHeaders['x-aurinko-session'];
  if (session !== undefined) return bySession(deps, facts, rule, session, 'header');
  return byCookie(deps, facts, rule);
}

async function byBasic(deps: Needs, facts: RequestFacts, rule: AuthRule, credentials: string): Promise<Found | undefined> {
  const [clientId = '', ...secret] = Buffer.from(credentials, 'base64').toString().split(':');
  const app = await appByClientId(deps.db, clientId);
  if (!app || !sameSecret(await deps.keys.decrypt(app.client_secret), secret.join(':'))) throw unauthorized('The client id or secret is not right.');
  const as = async () => app;
  if (rule === 'user') return undefined;
  if (rule !== 'account') return { app: as, principal: { appId: app.id, scopes: null, via: 'basic' } };
  const id = accountIdHeader(facts);
  if (id === undefined) throw invalid('X-Aurinko-Account-Id', 'with Basic authentication this header names the account.');
  const account = await accountById(deps.db, id);
  if (!account || account.app_id !== app.id) throw notFound('The account of X-Aurinko-Account-Id');
  return { app: as, principal: principalOf(account, 'basic') };
}

async function byAccountToken(deps: Needs, rule: AuthRule, token: string): Promise<Found | undefined> {
  const account = await accountByTokenHash(deps.db, hashToken(token));
  if (!account) throw unauthorized('The account token is not valid.');
  if (rule === 'user') return undefined;
  return { app: () => appById(deps.db, account.app_id), principal: principalOf(account, 'bearer') };
}

async function byForeignToken(deps: Needs, facts: RequestFacts, rule: AuthRule, type: string, token: string): Promise<Found | undefined> {
  if (type === 'entraIdToken') throw unauthorized('entraIdToken: sign-in with Microsoft Entra is not set up on this server.');
  if (type !== 'exchangeIdToken') throw invalid('X-Aurinko-Auth-Type', `"${type}" is not exchangeIdToken.`);
  // Signing in comes before being linked: those operations verify the token themselves.
  if (rule === 'none') return undefined;
  if (!token) throw unauthorized('exchangeIdToken: the token is missing; send it as Bearer.');
  const identity = await exchangeTokensOf(deps).verify(token);
  const clientId = clientIdHeader(facts);
  const [caller, second] = await callersByIdentity(deps.db, identity, clientId === undefined ? undefined : await appIdOf(deps, clientId));
  if (!caller) throw unauthorized('exchangeIdToken: this Exchange mailbox is not linked; start with /v1/auth/prepare.');
  if (second) throw unauthorized('exchangeIdToken: this Exchange mailbox is linked in several applications; name one in X-Aurinko-Client-Id.');
  return ofCaller(deps, facts, caller, 'exchangeIdToken');
}

async function byCookie(deps: Needs, facts: RequestFacts, rule: AuthRule): Promise<Found | undefined> {
  const clientId = clientIdHeader(facts);
  // Without the header nothing says that a script of a listed origin sent this and no foreign form.
  if (clientId === undefined) return undefined;
  const app = await appByClientId(deps.db, clientId);
  const token = app && facts.cookies[cookieName(app.id, facts.rawHeaders['x-aurinko-mailbox-info'])];
  return token ? bySession(deps, facts, rule, token, 'cookie') : undefined;
}

async function bySession(deps: Needs, facts: RequestFacts, rule: AuthRule, token: string, kind: 'cookie' | 'header'): Promise<Found | undefined> {
  const caller = await callerBySession(deps.db, hashToken(token), kind, deps.clock.real());
  const clientId = clientIdHeader(facts);
  const foreign = caller && clientId !== undefined && (await appByClientId(deps.db, clientId))?.id !== caller.app_id;
  if (!caller || foreign) {
    // A public page must work for someone whose cookie is merely old.
    if (rule === 'none' && kind === 'cookie') return undefined;
    throw unauthorized('The session is over or not valid; sign in again.');
  }
  return ofCaller(deps, facts, caller, kind === 'cookie' ? 'cookie' : 'session', caller.sessionId);
}

async function ofCaller(deps: Needs, facts: RequestFacts, caller: Caller, via: Principal['via'], sessionId?: number): Promise<Found> {
  const asked = accountIdHeader(facts) ?? caller.id;
  // Who calls was read as his primary account, so that most requests take one query.
  const account = asked === caller.id ? caller : await accountById(deps.db, asked);
  if (!account || account.user_id !== caller.user_id) throw notFound('The account of X-Aurinko-Account-Id');
  await noteActivity(deps, caller.user_id);
  return {
    app: () => appById(deps.db, caller.app_id),
    principal: { ...principalOf(account, via), userId: caller.user_id, ...(sessionId === undefined ? {} : { sessionId }) },
  };
}

const principalOf = (account: AccountRow, via: Principal['via']): Principal => ({
  appId: account.app_id, accountId: account.id, scopes: account.auth_scopes, via,
  ...(account.user_id === null ? {} : { userId: account.user_id }),
});

const ACTIVITY_STEP_MS = 60_000;
const MOST_NOTED = 10_000;

/** To the minute: a write for every request would make each read a write. */
async function noteActivity(deps: Needs, userId: string): Promise<void> {
  const now = deps.clock.real();
  if (now.getTime() - (deps.noted.get(userId) ?? -Infinity) < ACTIVITY_STEP_MS) return;
  if (deps.noted.size >= MOST_NOTED) deps.noted.clear();
  deps.noted.set(userId, now.getTime());
  await markActive(deps.db, userId, now);
}

/** A client id means the same application for ever, so each is looked up once. */
async function appIdOf(deps: Needs, clientId: string): Promise<number> {
  const known = deps.appIds.get(clientId);
  if (known !== undefined) return known;
  const app = await appByClientId(deps.db, clientId);
  if (!app) throw unauthorized('X-Aurinko-Client-Id: there is no such application.');
  deps.appIds.set(clientId, app.id);
  return app.id;
}

function accountIdHeader(facts: RequestFacts): number | undefined {
  const text = facts.rawHeaders['x-aurinko-account-id'];
  if (text === undefined) return undefined;
  const id = Number(text);
  if (!Number.isSafeInteger(id) || id < 1) throw invalid('X-Aurinko-Account-Id', 'must be the number of an account.');
  return id;
}

/** A browser says which site's script is calling; the calling application must list it exactly. Throws 403. */
export function requireListedOrigin(deps: Pick<Deps, 'config'>, facts: RequestFacts, app: AppRow | undefined): void {
  const { origin } = facts;
  if (origin === undefined || isOwnOrigin(deps, facts, origin) || app?.origins.includes(origin)) return;
  throw new AppError('access.denied', `Origin ${origin.slice(0, 200)} is not on the list of this application (SUNDIAL_ORIGINS).`);
}

/** A page that this server itself sent, by whichever of its names it was asked for. */
function isOwnOrigin(deps: Pick<Deps, 'config'>, facts: RequestFacts, origin: string): boolean {
  return origin === new URL(deps.config.publicUrl).origin || origin === `${facts.secure ? 'https' : 'http'}://${facts.rawHeaders.host ?? ''}`;
}

const unauthorized = (problem: string): AppError => new AppError('unauthorized', problem);
