import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { pino } from 'pino';
import { openPglite, openPostgres, transaction, type Db } from '../../server/db/db.ts';
import { migrate } from '../../server/db/migrate.ts';
import { parseConfig } from '../../server/config.ts';
import { insertAccount, setAccountUser } from '../../server/features/accounts/queries.ts';
import { issueAccountToken } from '../../server/features/accounts/service.ts';
import { insertUser, linkIdentity as linkToUser } from '../../server/features/auth/queries.ts';
import { createJobs } from '../../server/jobs/jobs.ts';
import { createClock } from '../../server/lib/clock.ts';
import { openKeyRing, type Jwe } from '../../server/lib/keyring.ts';
import { openAuthority } from '../../server/playground/authority.ts';
import { fillMailbox } from './messages.ts';

/** Fills a database before the server opens it: mailboxes with their tokens, tracked messages, stored mail. */
export interface Seed {
  /** Addresses of mailboxes and how many messages each has. */
  readonly mailboxes: Readonly<Record<string, number>>;
  /** Tracked messages of the first mailbox. */
  readonly codes?: number;
  /** Answered and opened five times each over the last 90 days, with one of twenty templates. */
  readonly history?: number;
  /** Links the first mailbox to an identity of the playground's Exchange, and issues a token of that. */
  readonly identity?: boolean;
}

export interface Seeded {
  readonly tokens: Record<string, string>;
  readonly codes: string[];
  readonly identityToken: string;
}

const seed = JSON.parse(process.argv[2]!) as Seed;
const database = process.env.DATABASE_URL ? openPostgres(process.env.DATABASE_URL) : await openPglite(`${process.env.DATA_DIR}/pglite`);
await migrate(database.db);
const jobs = createJobs(database, pino({ level: 'silent' }));
await jobs.start({} as never, [], { work: false });
await jobs.stop();

const SET_AT_START = 'set at the start' as Jwe;
const { id: appId } = await database.db.insertInto('apps')
  .values({ client_id: process.env.SUNDIAL_CLIENT_ID!, client_secret: SET_AT_START, signing_secret: SET_AT_START, name: 'Bench', return_urls: [], origins: [], link_without_redeem: false })
  .onConflict((c) => c.column('client_id').doUpdateSet({ name: 'Bench' })).returning('id').executeTakeFirstOrThrow();
const tokens: Record<string, string> = {};
let codes: string[] = [];
let identityToken = '';
for (const [email, messages] of Object.entries(seed.mailboxes)) {
  const accountId = await makeAccount(database.db, email);
  if (messages) await fillMailbox(database.db, accountId, email, messages);
  if (!codes.length && seed.codes) codes = await trackMessages(database.db, accountId, seed.codes);
  if (seed.history) await trackHistory(database.db, accountId, seed.history);
  if (!identityToken && seed.identity) identityToken = await linkIdentity(database.db, accountId, email);
}
await sql`analyze`.execute(database.db);
await database.close();
console.log(JSON.stringify({ tokens, codes, identityToken } satisfies Seeded));

async function makeAccount(db: Db, email: string): Promise<number> {
  return transaction(db, async (trx) => {
    const account = await insertAccount(trx, {
      app_id: appId, parent_id: null, service_type: 'Hosted', email, name: email.split('@')[0]!, timezone: 'Europe/Berlin', auth_scopes: null, auth_native_scopes: null,
      client_org_id: null, login_string: null, server_url: null, token_error: null, user_id: null, user_account_type: null, auth_obtained_at: null,
    });
    tokens[email] = await issueAccountToken(trx, account.id);
    return account.id;
  });
}

async function linkIdentity(db: Db, accountId: number, email: string): Promise<string> {
  const config = parseConfig(process.env);
  const authority = await openAuthority({ db, config, clock: createClock(), keys: openKeyRing(config.keys, config.dataDir) });
  const token = await authority.issueIdentityToken({ mailbox: email });
  const { appctx } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { appctx: string };
  const { msexchuid, amurl } = JSON.parse(appctx) as { msexchuid: string; amurl: string };
  await transaction(db, async (trx) => {
    const userId = 'bench-user';
    await insertUser(trx, { id: userId, app_id: appId, last_activity: null });
    await setAccountUser(trx, accountId, userId, 'primary');
    await linkToUser(trx, appId, { metadataUrl: amurl, exchangeUid: msexchuid }, userId);
  });
  return token;
}

async function trackMessages(db: Db, accountId: number, count: number): Promise<string[]> {
  const made = Array.from({ length: count }, () => randomBytes(16).toString('base64url'));
  await sql`
    insert into tracking (account_id, code, track_opens, track_replies, track_links, opens_after_seconds, pixel_in_sent_copy, message_id, thread_id, inet_message_id, subject, recipients, sent_at, created_at)
    select ${accountId}, c.code, true, true, true, 0, false, 'm' || c.ord, 't' || c.ord, '<' || c.ord || '@bench.test>', 'Offer ' || c.ord, array['reader' || c.ord || '@example.com'], now() - interval '1 day', now() - interval '1 day'
    from unnest(${made}::text[]) with ordinality as c(code, ord)`.execute(db);
  return made;
}

async function trackHistory(db: Db, accountId: number, count: number): Promise<void> {
  await sql`
    insert into followup_rules (account_id, name, template_subject, template_body)
    select ${accountId}, 'Template ' || n, 'Hello', 'Hello' from generate_series(1, 20) n`.execute(db);
  await sql`
    insert into tracking (account_id, code, track_opens, track_replies, track_links, opens_after_seconds, pixel_in_sent_copy, message_id, thread_id, inet_message_id, subject, recipients, sent_at, created_at, open_count, last_responded_at)
    select ${accountId}, 'history-' || n, true, true, true, 0, false, 'h' || n, 'h' || n, '<h' || n || '@bench.test>', 'Offer ' || n, array['reader' || n || '@example.com'], at, at, 5, at + interval '1 hour'
    from (select n, now() - n * interval '90 days' / ${count}::int as at from generate_series(1, ${count}::int) n) sent`.execute(db);
  await sql`
    insert into followup_template_uses (account_id, tracking_code, rule_id)
    select ${accountId}, t.code, r.id from (select code, row_number() over (order by id) as nth from tracking where code like 'history-%') t
    join (select id, row_number() over (order by id) as nth from followup_rules) r on r.nth = t.nth % 20 + 1`.execute(db);
  await sql`
    insert into tracking_events (tracking_id, type, created_at, verdict, reason, client, counted_for, dedupe_key)
    select t.id, case when n = 6 then 'reply' else 'open' end, t.sent_at + n * interval '7 minutes', case when n < 6 then 'human' end, 'bench', 'Outlook', ${accountId}, case when n = 6 then 'reply' end
    from tracking t, generate_series(1, 6) n where t.code like 'history-%'`.execute(db);
}
