import { sql, type Insertable, type Selectable, type Updateable } from 'kysely';
import type { Db, Trx } from '../../db/db.ts';
import type { BookingTables } from '../../db/tables/booking.ts';

export type ProfileRow = Selectable<BookingTables['booking_profiles']>;
export type ReservationRow = Selectable<BookingTables['booking_reservations']>;

export const insertProfile = (trx: Trx, values: Insertable<BookingTables['booking_profiles']>): Promise<ProfileRow> =>
  trx.insertInto('booking_profiles').values(values).returningAll().executeTakeFirstOrThrow();

export const updateProfile = (trx: Trx, id: number, values: Updateable<BookingTables['booking_profiles']>): Promise<unknown> =>
  trx.updateTable('booking_profiles').set(values).where('id', '=', id).execute();

export const deleteProfile = (trx: Trx, accountId: number, id: number): Promise<{ id: number } | undefined> =>
  trx.deleteFrom('booking_profiles').where('account_id', '=', accountId).where('id', '=', id).returning('id').executeTakeFirst();

export const profileById = (db: Db | Trx, accountId: number, id: number): Promise<ProfileRow | undefined> =>
  db.selectFrom('booking_profiles').selectAll().where('account_id', '=', accountId).where('id', '=', id).executeTakeFirst();

export const profileByName = (db: Db | Trx, appId: number, name: string): Promise<ProfileRow | undefined> =>
  db.selectFrom('booking_profiles').selectAll().where('app_id', '=', appId).where(sql`lower(name)`, '=', sql`lower(${name})`).executeTakeFirst();

export async function profilesOf(db: Db | Trx, accountId: number, limit: number, offset: number): Promise<{ rows: ProfileRow[]; total: number }> {
  const rows = await db.selectFrom('booking_profiles').selectAll().where('account_id', '=', accountId).orderBy('id').limit(limit).offset(offset).execute();
  const { total } = await db.selectFrom('booking_profiles').select((e) => e.fn.countAll<number>().as('total')).where('account_id', '=', accountId).executeTakeFirstOrThrow();
  return { rows, total: Number(total) };
}

export const insertReservation = (trx: Trx, values: Insertable<BookingTables['booking_reservations']>): Promise<ReservationRow> =>
  trx.insertInto('booking_reservations').values(values).returningAll().executeTakeFirstOrThrow();

export const updateReservation = (trx: Trx, id: number, values: Updateable<BookingTables['booking_reservations']>): Promise<ReservationRow> =>
  trx.updateTable('booking_reservations').set(values).where('id', '=', id).returningAll().executeTakeFirstOrThrow();

export const deleteReservation = (trx: Trx, id: number): Promise<unknown> =>
  trx.deleteFrom('booking_reservations').where('id', '=', id).execute();

export const reservationById = (db: Db | Trx, accountId: number, id: number): Promise<ReservationRow | undefined> =>
  db.selectFrom('booking_reservations').selectAll().where('account_id', '=', accountId).where('id', '=', id).executeTakeFirst();

export const reservationByToken = (db: Db | Trx, tokenHash: string): Promise<(ReservationRow & { app_id: number }) | undefined> =>
  db.selectFrom('booking_reservations').innerJoin('booking_profiles', 'booking_profiles.id', 'booking_reservations.profile_id')
    .selectAll('booking_reservations').select('booking_profiles.app_id').where('token_hash', '=', tokenHash).executeTakeFirst();

/** Holds that run, in [from, to), without the reservation of that id. */
export const holdsBetween = (db: Db | Trx, accountId: number, from: Date, to: Date, now: Date, except?: number): Promise<{ starts_at: Date; ends_at: Date }[]> =>
  db.selectFrom('booking_reservations').select(['starts_at', 'ends_at'])
    .where('account_id', '=', accountId).where('status', '=', 'held').where('hold_until', '>', now)
    .where('starts_at', '<', to).where('ends_at', '>', from)
    .$if(except !== undefined, (q) => q.where('id', '<>', except!))
    .execute();

/** The exclusion constraint knows no clock, so a hold that has ended must go before anybody books. */
export const deleteEndedHolds = (trx: Trx, accountId: number, now: Date): Promise<unknown> =>
  trx.deleteFrom('booking_reservations').where('account_id', '=', accountId).where('status', '=', 'held').where('hold_until', '<=', now).execute();

export interface PublicCounts {
  /** Bookings that sent mail to this address. */
  readonly forAddress: number;
  /** Mails that these bookings, their moves and their end have sent to it. */
  readonly mailsToAddress: number;
  readonly fromIp: number;
  readonly onProfile: number;
  readonly holdsFromIp: number;
  readonly holdsOnProfile: number;
}

/** What visitors made since then; holds are counted while they run. */
export async function publicCounts(trx: Trx, q: { profileId: number; appId: number; email: string | null; ipHash: string; since: Date; now: Date }): Promise<PublicCounts> {
  // ann+anything@ is Ann's as well with most providers, so it must not count as somebody else.
  const person = (email: unknown) => sql`lower(regexp_replace(${email}, '[+][^@]*@', '@'))`;
  const toPerson = sql`p.app_id = ${q.appId} and ${person(sql.ref('r.attendee_email'))} = ${person(sql`${q.email}::text`)}`;
  const row = await trx.selectFrom('booking_reservations as r').innerJoin('booking_profiles as p', 'p.id', 'r.profile_id')
    .select([
      sql<number>`count(*) filter (where r.event_id is not null and ${toPerson})`.as('forAddress'),
      sql<number>`coalesce(sum(1 + r.moves + (r.status = 'cancelled')::int) filter (where r.event_id is not null and ${toPerson}), 0)::int`.as('mailsToAddress'),
      sql<number>`count(*) filter (where r.event_id is not null and r.ip_hash = ${q.ipHash})`.as('fromIp'),
      sql<number>`count(*) filter (where r.event_id is not null and r.profile_id = ${q.profileId})`.as('onProfile'),
      sql<number>`count(*) filter (where r.status = 'held' and r.hold_until > ${q.now} and r.ip_hash = ${q.ipHash})`.as('holdsFromIp'),
      sql<number>`count(*) filter (where r.status = 'held' and r.hold_until > ${q.now} and r.profile_id = ${q.profileId})`.as('holdsOnProfile'),
    ])
    .where('r.source', '=', 'public').where('r.made_at', '>', q.since)
    .executeTakeFirstOrThrow();
  return row;
}

export const forgetVisitors = (db: Db, before: Date): Promise<unknown> =>
  db.updateTable('booking_reservations').set({ ip_hash: null }).where('ip_hash', 'is not', null).where('made_at', '<', before).execute();
