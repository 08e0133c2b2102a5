import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table followup_optouts (
      account_id bigint not null references accounts on delete cascade,
      email text not null,
      created_at timestamptz not null default now(),
      primary key (account_id, email)
    )`.execute(db);
}
