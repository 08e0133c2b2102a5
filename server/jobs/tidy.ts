import { setImmediate as turn } from 'node:timers/promises';
import { sql } from 'kysely';
import { z } from 'zod';
import { defineJob } from './jobs.ts';

/**
 * What a Postgres server does by itself and the embedded one does not: without statistics the planner
 * walks through whole mailboxes where an index would do, and without vacuum queues only grow.
 */
export const tidyEmbeddedDatabase = defineJob({
  name: 'database.tidy',
  payload: z.object({}),
  cron: '7 * * * *',
  handler: async ({ config, db }, _payload, attempt) => {
    if (config.databaseUrl) return;
    // A sample of this size takes a moment; the usual one would hold up everything else for seconds.
    await sql`set default_statistics_target = 20`.execute(db);
    const { rows } = await sql<{ schemaname: string; tablename: string }>`select schemaname, tablename from pg_tables where schemaname in ('public', 'pgboss')`.execute(db);
    for (const { schemaname, tablename } of rows) {
      if (attempt.signal.aborted) return;
      await sql`vacuum (analyze) ${sql.id(schemaname, tablename)}`.execute(db);
      await turn();
    }
  },
});
