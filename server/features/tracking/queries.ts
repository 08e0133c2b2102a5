import { sql, type Insertable } from 'kysely';
import type { Db, Trx } from '../../db/db.ts';
import type { TrackingPolicy, TrackingTables } from '../../db/tables/tracking.ts';
import type { EventRow, TrackingRow } from './judging.queries.ts';

export type LinkRow = { id: number; code: string; url: string; label: string };

export const insertTracking = (trx: Trx, values: Insertable<TrackingTables['tracking']>): Promise<TrackingRow> =>
  trx.insertInto('tracking').values(values).returningAll().executeTakeFirstOrThrow();

export async function insertLinks(trx: Trx, trackingId: number, links: readonly { code: string; url: string; label: string }[]): Promise<void> {
  if (links.length) await trx.insertInto('tracking_links').values(links.map((l) => ({ ...l, tracking_id: trackingId }))).execute();
}

export const linksOf = (db: Db | Trx, trackingId: number): Promise<LinkRow[]> =>
  db.selectFrom('tracking_links').select(['id', 'code', 'url', 'label']).where('tracking_id', '=', trackingId).orderBy('id').execute();

/** The newest tracking of the draft that is not known to be sent. */
export const unsentByDraft = (trx: Trx, accountId: number, draftId: string): Promise<TrackingRow | undefined> =>
  trx.selectFrom('tracking').selectAll().where('account_id', '=', accountId).where('draft_id', '=', draftId).where('sent_at', 'is', null)
    .orderBy('id', 'desc').limit(1).forUpdate().executeTakeFirst();

export const newestByDraft = (trx: Trx, accountId: number, draftId: string): Promise<TrackingRow | undefined> =>
  trx.selectFrom('tracking').selectAll().where('account_id', '=', accountId).where('draft_id', '=', draftId)
    .orderBy('id', 'desc').limit(1).forUpdate().executeTakeFirst();

export const byCode = (trx: Trx, code: string): Promise<TrackingRow | undefined> =>
  trx.selectFrom('tracking').selectAll().where('code', '=', code).executeTakeFirst();

/** The account's messages that went to this address, alone or among others, and are still recorded. */
export async function recordedTo(trx: Trx, accountId: number, email: string): Promise<number[]> {
  const rows = await trx.selectFrom('tracking').select('id').where('account_id', '=', accountId)
    .where('withdrawn_at', 'is', null).where(sql<boolean>`recipients @> array[${email}]::text[]`).execute();
  return rows.map((row) => row.id);
}

export const withdraw = (trx: Trx, ids: readonly number[], at: Date): Promise<unknown> =>
  trx.updateTable('tracking').set({ withdrawn_at: at }).where('id', 'in', ids).where('withdrawn_at', 'is', null).execute();

/** The account's trackings behind these pixel or link codes. */
export const byCodes = (trx: Trx, accountId: number, codes: readonly string[]): Promise<TrackingRow[]> =>
  trx.selectFrom('tracking').selectAll().where('account_id', '=', accountId)
    .where((e) => e.or([
      e('code', 'in', codes),
      e('id', 'in', e.selectFrom('tracking_links').select('tracking_id').where('tracking_links.code', 'in', codes)),
    ]))
    .orderBy('id').forUpdate().execute();

export const updateTracking = (trx: Trx, id: number, values: Partial<Insertable<TrackingTables['tracking']>>): Promise<unknown> =>
  trx.updateTable('tracking').set(values).where('id', '=', id).execute();

export const insertEvent = (trx: Trx, values: Insertable<TrackingTables['tracking_events']>): Promise<{ id: number } | undefined> =>
  trx.insertInto('tracking_events').values(values)
    .onConflict((c) => c.columns(['tracking_id', 'dedupe_key']).where('dedupe_key', 'is not', null).doNothing())
    .returning('id').executeTakeFirst();

export const moveEvent = (trx: Trx, trackingId: number, dedupeKey: string, createdAt: Date): Promise<unknown> =>
  trx.updateTable('tracking_events').set({ created_at: createdAt }).where('tracking_id', '=', trackingId).where('dedupe_key', '=', dedupeKey).execute();

/** By Message-ID (without brackets), the first of the list that is tracked, or whose replies are. */
export async function byMessageIds(db: Db | Trx, accountId: number, keys: readonly string[], withReplies = false): Promise<TrackingRow | undefined> {
  if (!keys.length) return undefined;
  const rows = await db.selectFrom('tracking').selectAll().where('account_id', '=', accountId).where('inet_key', 'in', keys)
    .$if(withReplies, (q) => q.where('track_replies', '=', true)).orderBy('id', 'desc').execute();
  return rows.sort((a, b) => keys.indexOf(a.inet_key!) - keys.indexOf(b.inet_key!))[0];
}

/** The newest message of the thread that was sent before `before`. */
export const newestOfThread = (db: Db | Trx, accountId: number, threadId: string, before: Date, withReplies = false): Promise<TrackingRow | undefined> =>
  db.selectFrom('tracking').selectAll().where('account_id', '=', accountId).where('thread_id', '=', threadId).where('sent_at', '<=', before)
    .$if(withReplies, (q) => q.where('track_replies', '=', true)).orderBy('sent_at', 'desc').orderBy('id', 'desc').limit(1).executeTakeFirst();

export interface OrganisationPolicy {
  readonly policy: TrackingPolicy;
  readonly trackNewMessages: boolean;
}

export async function organisationPolicy(db: Db | Trx, appId: number): Promise<OrganisationPolicy> {
  const row = await db.selectFrom('tracking_policies').selectAll().where('app_id', '=', appId).executeTakeFirst();
  return { policy: row?.policy ?? 'on', trackNewMessages: row?.track_new_messages ?? false };
}

export const policyOf = async (db: Db | Trx, appId: number): Promise<TrackingPolicy> => (await organisationPolicy(db, appId)).policy;

export const storePolicy = (db: Db, appId: number, { policy, trackNewMessages }: OrganisationPolicy): Promise<unknown> => {
  const values = { policy, track_new_messages: trackNewMessages };
  return db.insertInto('tracking_policies').values({ app_id: appId, ...values }).onConflict((c) => c.column('app_id').doUpdateSet(values)).execute();
};

export async function anyOptedOut(db: Db | Trx, accountId: number, emails: readonly string[]): Promise<boolean> {
  if (!emails.length) return false;
  return Boolean(await db.selectFrom('tracking_optouts').select('email').where('account_id', '=', accountId).where('email', 'in', emails).limit(1).executeTakeFirst());
}

export const insertOptout = (trx: Trx, accountId: number, email: string, at: Date): Promise<unknown> =>
  trx.insertInto('tracking_optouts').values({ account_id: accountId, email, created_at: at }).onConflict((c) => c.doNothing()).execute();

export interface EventWithTracking extends EventRow {
  readonly t_code: string;
  readonly t_context: string | null;
  readonly t_thread_id: string | null;
  readonly t_message_id: string | null;
  readonly t_inet_message_id: string | null;
  readonly link_url: string | null;
  readonly link_label: string | null;
}

export interface EventFilter {
  readonly trackingId?: number;
  readonly eventId?: number;
  readonly threadId?: string;
  /** Exclusive. */
  readonly from?: Date;
  /** Inclusive. */
  readonly to?: Date;
}

const eventBase = (db: Db, accountId: number, f: EventFilter) =>
  db.selectFrom('tracking_events as e').innerJoin('tracking as t', 't.id', 'e.tracking_id').leftJoin('tracking_links as l', 'l.id', 'e.link_id')
    .where('t.account_id', '=', accountId)
    .$if(f.trackingId !== undefined, (q) => q.where('t.id', '=', f.trackingId!))
    .$if(f.eventId !== undefined, (q) => q.where('e.id', '=', f.eventId!))
    .$if(f.threadId !== undefined, (q) => q.where('t.thread_id', '=', f.threadId!))
    .$if(f.from !== undefined, (q) => q.where('e.created_at', '>', f.from!))
    .$if(f.to !== undefined, (q) => q.where('e.created_at', '<=', f.to!));

export async function listEvents(db: Db, accountId: number, filter: EventFilter, page: { limit: number; offset: number; newestFirst: boolean }): Promise<{ rows: EventWithTracking[]; total: number }> {
  const direction = page.newestFirst ? 'desc' as const : 'asc' as const;
  const rows = await eventBase(db, accountId, filter).selectAll('e')
    .select(['t.code as t_code', 't.context as t_context', 't.thread_id as t_thread_id', 't.message_id as t_message_id', 't.inet_message_id as t_inet_message_id', 'l.url as link_url', 'l.label as link_label'])
    .orderBy('e.created_at', direction).orderBy('e.id', direction).limit(page.limit).offset(page.offset).execute();
  const { n } = await eventBase(db, accountId, filter).select((e) => e.fn.countAll<number>().as('n')).executeTakeFirstOrThrow();
  return { rows, total: Number(n) };
}

export interface TrackingFilter {
  readonly id?: number;
  readonly withActivityOnly?: boolean;
  readonly contextContains?: string;
  readonly threadId?: string;
  readonly internetMessageId?: string;
  readonly messageId?: string;
  readonly draftId?: string;
  readonly trackingCode?: string;
  readonly sentOnly?: boolean;
}

const trackingBase = (db: Db, accountId: number, f: TrackingFilter) =>
  db.selectFrom('tracking as t').where('t.account_id', '=', accountId)
    .$if(f.id !== undefined, (q) => q.where('t.id', '=', f.id!))
    .$if(f.sentOnly === true, (q) => q.where('t.sent_at', 'is not', null))
    .$if(f.withActivityOnly === true, (q) => q.where(sql<boolean>`t.open_count + t.click_count + t.unknown_count > 0`))
    .$if(f.contextContains !== undefined, (q) => q.where(sql<boolean>`position(${f.contextContains!} in t.context) > 0`))
    .$if(f.threadId !== undefined, (q) => q.where('t.thread_id', '=', f.threadId!))
    .$if(f.internetMessageId !== undefined, (q) => q.where('t.inet_key', '=', messageIdKey(f.internetMessageId!)))
    .$if(f.messageId !== undefined, (q) => q.where('t.message_id', '=', f.messageId!))
    .$if(f.draftId !== undefined, (q) => q.where('t.draft_id', '=', f.draftId!))
    .$if(f.trackingCode !== undefined, (q) => q.where('t.code', '=', f.trackingCode!));

export type TrackingWithLast = TrackingRow & { last: Pick<EventRow, 'id' | 'type' | 'verdict' | 'client'> & { created_at: string } | null };

/** Newest first. `last` is the newest event that tells the sender something: a person's, or nobody knows whose. */
export async function listTrackings(db: Db, accountId: number, filter: TrackingFilter, page: { limit: number; offset: number }): Promise<{ rows: TrackingWithLast[]; total: number }> {
  const rows = await trackingBase(db, accountId, filter).selectAll('t')
    .select(sql<TrackingWithLast['last']>`(
      select jsonb_build_object('id', e.id, 'type', e.type, 'verdict', e.verdict, 'client', e.client, 'created_at', e.created_at)
      from tracking_events e where e.tracking_id = t.id and (e.verdict is null or e.verdict not in ('machine', 'self'))
      order by e.created_at desc, e.id desc limit 1)`.as('last'))
    .orderBy(sql`coalesce(t.sent_at, t.created_at)`, 'desc').orderBy('t.id', 'desc').limit(page.limit).offset(page.offset).execute();
  const { n } = await trackingBase(db, accountId, filter).select((e) => e.fn.countAll<number>().as('n')).executeTakeFirstOrThrow();
  return { rows, total: Number(n) };
}

/** The trackings of a message or a thread, locked. */
export const trackingIdsOf = async (trx: Trx, accountId: number, by: { messageId?: string; internetMessageId?: string; threadId?: string }): Promise<number[]> => {
  const rows = await trx.selectFrom('tracking').select('id').where('account_id', '=', accountId)
    .$if(by.messageId !== undefined, (q) => q.where('message_id', '=', by.messageId!))
    .$if(by.internetMessageId !== undefined, (q) => q.where('inet_key', '=', messageIdKey(by.internetMessageId!)))
    .$if(by.threadId !== undefined, (q) => q.where('thread_id', '=', by.threadId!))
    .orderBy('id').forUpdate().execute();
  return rows.map((row) => row.id);
};

export const setIgnored = (trx: Trx, ids: readonly number[], ignored: boolean): Promise<unknown> =>
  trx.updateTable('tracking').set({ ignore_open_clicks: ignored }).where('id', 'in', ids).execute();

export interface OwnOpens {
  readonly userAgent: string;
  readonly remoteAddr: string;
  readonly since: Date;
  readonly threadId?: string;
}

/** The trackings with opens since then that came with this user agent from this network. */
export async function trackingsWithOpens(trx: Trx, accountId: number, by: OwnOpens): Promise<number[]> {
  const rows = await trx.selectFrom('tracking_events as e').innerJoin('tracking as t', 't.id', 'e.tracking_id').select('t.id').distinct()
    .where('t.account_id', '=', accountId).where('e.type', '=', 'open').where('e.created_at', '>=', by.since)
    .where('e.user_agent', '=', by.userAgent).where('e.remote_addr', '=', by.remoteAddr)
    .$if(by.threadId !== undefined, (q) => q.where('t.thread_id', '=', by.threadId!)).execute();
  return rows.map((row) => row.id);
}

export const markPurged = (trx: Trx, trackingIds: readonly number[], by: OwnOpens): Promise<unknown> =>
  trx.updateTable('tracking_events').set({ self_mark: 'purged' })
    .where('tracking_id', 'in', trackingIds).where('type', '=', 'open').where('created_at', '>=', by.since)
    .where('user_agent', '=', by.userAgent).where('remote_addr', '=', by.remoteAddr).execute();

export const insertViewings = (trx: Trx, trackingIds: readonly number[], at: Date): Promise<unknown> =>
  trx.insertInto('tracking_viewings').values(trackingIds.map((id) => ({ tracking_id: id, seen_at: at }))).execute();

/** A Message-ID as it is compared: without its brackets and the white space around. */
export const messageIdKey = (messageId: string): string => messageId.trim().replace(/^<|>$/g, '').trim();
