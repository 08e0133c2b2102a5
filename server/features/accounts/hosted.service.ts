import { transaction, type Trx } from '../../db/db.ts';
import type { Deps } from '../../deps.ts';
import { AppError, invalid } from '../../errors.ts';
import type { Scope } from '../../lib/scopes.ts';
import { checkPassword, hashPassword } from '../../lib/password.ts';
import { isZone } from '../../lib/zone.ts';
import * as queries from './queries.ts';
import { issueAccountToken } from './service.ts';

/** Mailboxes that live in this server, with a password of their own. */
export interface NewHostedAccount {
  readonly appId: number;
  /** In one of the hosted domains; unique among hosted mailboxes whatever its case. */
  readonly email: string;
  /** At least 8 characters; kept as a scrypt hash. */
  readonly password: string;
  readonly name?: string | undefined;
  /** IANA name; UTC unless told. */
  readonly timezone?: string | undefined;
  readonly clientOrgId?: string | undefined;
  readonly copyToSent?: boolean | undefined;
  /** Everything where left out. */
  readonly authScopes?: readonly Scope[] | undefined;
}

export interface CreatedAccount {
  readonly accountId: number;
  readonly accessToken: string;
}

const UNIQUE_VIOLATION = '23505';
const SHORTEST_PASSWORD = 8;
/** scrypt takes any length; beyond this it is no password but load. */
const LONGEST_PASSWORD = 256;

/** What else happens in the same transaction, so that both happen or neither. */
type AndThen<T> = (trx: Trx, created: CreatedAccount) => Promise<T>;

/** Throws 400 for an address of another domain, a bad zone or password, 409 `name.taken` for one that exists. */
export async function createHostedAccount<T>(deps: Pick<Deps, 'db' | 'domains' | 'clock'>, account: NewHostedAccount, andThen: AndThen<T>): Promise<T> {
  requireHostedAddress(deps, account.email);
  requireZone(account.timezone);
  requireSentCopy(account.copyToSent);
  const passwordHash = await hashNewPassword(account.password);
  try {
    return await transaction(deps.db, async (trx) => {
      const { id } = await queries.insertAccount(trx, {
        app_id: account.appId, parent_id: null, service_type: 'Hosted', email: account.email,
        name: account.name ?? '', timezone: account.timezone ?? 'UTC', login_string: account.email,
        client_org_id: account.clientOrgId ?? null, server_url: null, auth_scopes: account.authScopes ? [...account.authScopes] : null, auth_native_scopes: null,
        token_error: null, user_id: null, user_account_type: null, auth_obtained_at: deps.clock.real(),
        ...(account.copyToSent === undefined ? {} : { copy_to_sent: account.copyToSent }),
      });
      await queries.setPasswordHash(trx, id, passwordHash);
      return andThen(trx, { accountId: id, accessToken: await issueAccountToken(trx, id) });
    });
  } catch (error) {
    if ((error as { code?: string }).code !== UNIQUE_VIOLATION) throw error;
    throw new AppError('name.taken', `email: a mailbox ${account.email} exists already.`, { cause: error, extra: { field: 'email' } });
  }
}

/**
 * Brings an existing mailbox to what the application sends: a new password, name, zone. The application may
 * do so without the old password, since it may delete the mailbox and make another.
 */
export async function updateHostedAccount<T>(deps: Pick<Deps, 'db' | 'clock'>, accountId: number, changes: Omit<NewHostedAccount, 'appId' | 'email'>, andThen: AndThen<T>): Promise<T> {
  requireZone(changes.timezone);
  requireSentCopy(changes.copyToSent);
  const passwordHash = await hashNewPassword(changes.password);
  return transaction(deps.db, async (trx) => {
    await queries.updateAccount(trx, accountId, {
      ...(changes.name === undefined ? {} : { name: changes.name }),
      ...(changes.timezone === undefined ? {} : { timezone: changes.timezone }),
      ...(changes.clientOrgId === undefined ? {} : { client_org_id: changes.clientOrgId }),
      ...(changes.authScopes === undefined ? {} : { auth_scopes: [...changes.authScopes] }),
      ...(changes.copyToSent === undefined ? {} : { copy_to_sent: changes.copyToSent }),
      token_status: 'active', token_error: null, auth_obtained_at: deps.clock.real(), updated_at: deps.clock.real(),
    });
    await queries.setPasswordHash(trx, accountId, passwordHash);
    return andThen(trx, { accountId, accessToken: await issueAccountToken(trx, accountId) });
  });
}

/** Undefined for a wrong password, an unknown address and another application's mailbox alike, after the same work. */
export async function accountByPassword(deps: Pick<Deps, 'db'>, appId: number, email: string, password: string): Promise<queries.AccountRow | undefined> {
  const found = await queries.accountWithPassword(deps.db, appId, email);
  // What is too long to have been stored is tried as the empty one, which nobody has.
  const right = await checkPassword(password.length > LONGEST_PASSWORD ? '' : password, found?.password_hash);
  return right && found ? queries.accountById(deps.db, found.id) : undefined;
}

async function hashNewPassword(password: string): Promise<string> {
  if (password.length < SHORTEST_PASSWORD) throw invalid('password', `must have at least ${SHORTEST_PASSWORD} characters.`);
  if (password.length > LONGEST_PASSWORD) throw invalid('password', `must have at most ${LONGEST_PASSWORD} characters.`);
  return hashPassword(password);
}

/** The sent copy is what replies, bounces and follow-ups are found by; a mailbox here cannot do without it. */
function requireSentCopy(copyToSent: boolean | undefined): void {
  if (copyToSent === false) throw invalid('copyToSent', 'a hosted mailbox keeps every sent message; leave it out or say true.');
}

function requireZone(timezone: string | undefined): void {
  if (timezone !== undefined && !isZone(timezone)) throw invalid('timezone', 'must be an IANA time zone such as Europe/Berlin.');
}

function requireHostedAddress(deps: Pick<Deps, 'domains'>, email: string): void {
  const domains = deps.domains.all;
  const [local, domain, ...rest] = email.split('@');
  if (!local || !domain || rest.length) throw invalid('email', 'must be one address such as name@example.com.');
  if (!domains.includes(domain.toLowerCase())) {
    throw invalid('email', `@${domain} is not served here; ${domains.join(', ') || 'no domain'} is.`);
  }
}
