import { sql, type Kysely } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table mail_folders (
      id text primary key,
      account_id bigint not null references accounts on delete cascade,
      parent_id text references mail_folders on delete cascade,
      name text not null,
      role text check (role in ('inbox', 'sent', 'drafts', 'trash', 'junk', 'archive')),
      created_at timestamptz not null
    )`.execute(db);
  await sql`create unique index mail_folders_role on mail_folders (account_id, role) where role is not null`.execute(db);
  await sql`create unique index mail_folders_name on mail_folders (account_id, coalesce(parent_id, ''), lower(name))`.execute(db);
  await sql`
    create table mail_messages (
      id text primary key,
      account_id bigint not null references accounts on delete cascade,
      folder_id text not null references mail_folders on delete cascade,
      kind text not null check (kind in ('received', 'sent', 'draft')),
      thread_id text,
      blob_id bigint references blobs,
      size bigint not null default 0,
      envelope jsonb,
      transfer_id text,
      derived_at timestamptz,
      derive_error text,
      internet_message_id text,
      message_key text,
      in_reply_to text,
      refs jsonb not null default '[]',
      subject text not null default '',
      from_address jsonb,
      to_addresses jsonb not null default '[]',
      cc_addresses jsonb not null default '[]',
      bcc_addresses jsonb not null default '[]',
      reply_to_addresses jsonb not null default '[]',
      sent_at timestamptz,
      received_at timestamptz not null,
      created_at timestamptz not null,
      modified_at timestamptz not null,
      snippet text not null default '',
      html text,
      body_text text,
      headers jsonb not null default '[]',
      attachments jsonb not null default '[]',
      has_attachments boolean not null default false,
      unread boolean not null default false,
      flagged boolean not null default false,
      keywords text[] not null default '{}',
      calendar_method text,
      automatic text not null default 'no',
      report jsonb,
      verdicts jsonb,
      draft jsonb,
      search tsvector,
      -- A transfer between our own mailboxes is taken once, however often it is handed over.
      unique (transfer_id, account_id)
    )`.execute(db);
  await sql`create index mail_messages_newest on mail_messages (account_id, received_at desc, id desc)`.execute(db);
  await sql`create index mail_messages_folder on mail_messages (account_id, folder_id, received_at desc, id desc)`.execute(db);
  await sql`create index mail_messages_thread on mail_messages (account_id, thread_id, received_at)`.execute(db);
  await sql`create index mail_messages_key on mail_messages (account_id, message_key)`.execute(db);
  await sql`create index mail_messages_blob on mail_messages (blob_id)`.execute(db);
  await sql`create index mail_messages_search on mail_messages using gin (search)`.execute(db);
  // Which thread a Message-ID belongs to, also for messages that are only referred to as yet.
  await sql`
    create table mail_threads (
      account_id bigint not null references accounts on delete cascade,
      message_key text not null,
      thread_id text not null,
      primary key (account_id, message_key)
    )`.execute(db);
  await sql`
    create table mail_outgoing (
      id bigint generated always as identity primary key,
      account_id bigint not null references accounts on delete cascade,
      message_id text not null,
      internet_message_id text not null,
      blob_id bigint references blobs,
      envelope_from text not null,
      recipient text not null,
      automatic boolean not null,
      state text not null default 'queued' check (state in ('queued', 'sending', 'sent', 'failed', 'inDoubt')),
      attempt int not null default 0,
      in_doubt boolean not null default false,
      response text,
      queued_at timestamptz not null,
      next_attempt_at timestamptz not null,
      done_at timestamptz
    )`.execute(db);
  await sql`create index mail_outgoing_message on mail_outgoing (message_id)`.execute(db);
  await sql`create index mail_outgoing_due on mail_outgoing (next_attempt_at) where state in ('queued', 'sending')`.execute(db);
  await sql`create index mail_outgoing_blob on mail_outgoing (blob_id)`.execute(db);
  // Several recipients share the bytes of one message; they go with the last row that names them, also
  // where an account's removal takes its rows by cascade.
  await sql`
    create function mail_drop_blob() returns trigger language plpgsql as $$
    begin
      if old.blob_id is not null
        and not exists (select from mail_messages where blob_id = old.blob_id)
        and not exists (select from mail_outgoing where blob_id = old.blob_id) then
        delete from blobs where id = old.blob_id;
      end if;
      return null;
    end $$`.execute(db);
  for (const table of ['mail_messages', 'mail_outgoing']) {
    await sql`
      create trigger ${sql.ref(`${table}_blob`)} after delete or update of blob_id on ${sql.table(table)}
      for each row execute function mail_drop_blob()`.execute(db);
  }
  // Large messages on their way in, before the transaction that accepts them; what a crash leaves is swept.
  await sql`
    create table mail_spool (
      blob_id bigint primary key references blobs on delete cascade,
      created_at timestamptz not null
    )`.execute(db);
}
