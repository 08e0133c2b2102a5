import { Migrator, type Migration } from 'kysely/migration';
import type { Db } from './db.ts';
import * as platform from './migrations/0001_platform.ts';
import * as accounts from './migrations/0010_accounts.ts';
import * as mail from './migrations/0030_mail.ts';
import * as auth from './migrations/0020_auth.ts';
import * as calendar from './migrations/0060_calendar.ts';
import * as booking from './migrations/0070_booking.ts';
import * as followup from './migrations/0050_followup.ts';
import * as followupOptouts from './migrations/0100_followup_optouts.ts';
import * as followupCountedFrom from './migrations/0110_followup_counted_from.ts';
import * as trackingNewMessages from './migrations/0115_tracking_new_messages.ts';
import * as templateUses from './migrations/0120_template_uses.ts';
import * as trackingEventsCounted from './migrations/0121_tracking_events_counted.ts';
import * as idempotency from './migrations/0090_idempotency.ts';
import * as trackingHits from './migrations/0160_tracking_hits.ts';
import * as trackingHitsPlan from './migrations/0180_tracking_hits_plan.ts';
import * as hostedDomains from './migrations/0170_hosted_domains.ts';
import * as tracking from './migrations/0040_tracking.ts';

/** They run in the order of their names. A landed migration is never edited; a change is a new one, named behind all others. */
const migrations: Record<string, Migration> = {
  '0001_platform': platform,
  '0010_accounts': accounts,
  '0030_mail': mail,
  '0020_auth': auth,
  '0050_followup': followup,
  '0040_tracking': tracking,
  '0060_calendar': calendar,
  '0070_booking': booking,
  '0090_idempotency': idempotency,
  '0100_followup_optouts': followupOptouts,
  '0110_followup_counted_from': followupCountedFrom,
  '0115_tracking_new_messages': trackingNewMessages,
  '0120_template_uses': templateUses,
  '0121_tracking_events_counted': trackingEventsCounted,
  '0160_tracking_hits': trackingHits,
  '0170_hosted_domains': hostedDomains,
  '0180_tracking_hits_plan': trackingHitsPlan,
};

/** In the order in which they run. */
export const migrationNames: readonly string[] = Object.keys(migrations).sort();

/** Runs what is missing, under Kysely's advisory lock, so that two processes may start at once. */
export async function migrate(db: Db): Promise<string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error, results } = await migrator.migrateToLatest();
  if (error) throw error;
  return (results ?? []).map((r) => r.migrationName);
}

/** What `migrate` would run now. */
export async function pendingMigrations(db: Db): Promise<string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  return (await migrator.getMigrations()).filter((m) => m.executedAt === undefined).map((m) => m.name);
}
