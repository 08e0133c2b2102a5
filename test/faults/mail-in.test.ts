import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPglite, type Database } from '../../server/db/db.ts';
import { startFaulty, type Faulty } from '../support/faulty.ts';
import { deliverRaw } from '../support/mail.ts';

describe('a server that is killed while mail comes in', () => {
  let dataDir: string;
  let server: Faulty;
  beforeAll(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'sundial-mail-in-'));
    server = await startFaulty({ DATA_DIR: dataDir });
  });
  afterAll(async () => {
    await server.kill();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const restart = async (): Promise<void> => {
    expect(await server.ended).toBe('SIGKILL');
    server = await startFaulty({ DATA_DIR: dataDir });
  };
  const subjects = async (token: string): Promise<string[]> =>
    (await server.call('GET', '/v1/email/messages?includeTrashAndJunk=true', { as: token })).body.records.map((m: { subject: string }) => m.subject);
  /** The database itself, while no server has it. */
  const inDatabase = async <T>(work: (database: Database) => Promise<T>): Promise<T> => {
    const database = await openPglite(`${dataDir}/pglite`);
    try {
      return await work(database);
    } finally {
      await database.close();
    }
  };
  const orphans = () => inDatabase(async ({ db }) => {
    const { rows } = await sql<{ orphans: number }>`
      select count(*)::int as orphans from blobs
      where id not in (select blob_id from mail_messages where blob_id is not null) and id not in (select blob_id from mail_outgoing where blob_id is not null)`.execute(db);
    return rows[0]!.orphans;
  });
  const mail = (subject: string, size = 10): string => `From: far@away.example\nSubject: ${subject}\nMessage-ID: <${subject}@away.example>\n\n${`${'x'.repeat(70)}\n`.repeat(Math.ceil(size / 71))}`;

  it('between the commit and its 250 has the message: the sender repeats it, and it may be there twice, but never not at all', async () => {
    const { token } = await server.account('ann@hosted.test');
    await server.arm('mail.accepted', 'kill');
    await expect(deliverRaw(server, 'ann@hosted.test', mail('kept'))).rejects.toThrow();
    await restart();
    await expect.poll(() => subjects(token), { timeout: 60_000, interval: 200 }).toEqual(['kept']);
    await deliverRaw(server, 'ann@hosted.test', mail('kept'));
    await expect.poll(() => subjects(token), { timeout: 60_000, interval: 200 }).toEqual(['kept', 'kept']);
  });

  it('between the commit and its 250 takes what its own mailboxes send each other once', async () => {
    const alice = await server.account('alice@hosted.test');
    const bob = await server.account('bob@hosted.test');
    await server.arm('mail.accepted', 'kill');
    const sent = server.call('POST', '/v1/email/messages', { as: alice.token, body: { to: [{ address: 'bob@hosted.test' }], subject: 'once', body: 'x' } });
    await sent.catch(() => {});
    await restart();
    await expect.poll(() => server.call('GET', '/v1/email/messages?q=in%3Ainbox', { as: bob.token }).then((a) => a.body.records.length), { timeout: 60_000, interval: 200 }).toBe(1);
    await expect.poll(() => server.call('GET', '/metrics').then(({ body }) => /^sundial_mail_sent_total\{route="own",result="taken"\} 1$/m.test(body)), { timeout: 60_000, interval: 200 }).toBe(true);
    await server.stop();
    const { states, copies } = await inDatabase(async ({ db }) => ({
      states: await db.selectFrom('mail_outgoing').select(['state', 'attempt']).execute(),
      copies: await db.selectFrom('mail_messages').select('id').where('kind', '=', 'received').where('subject', '=', 'once').execute(),
    }));
    server = await startFaulty({ DATA_DIR: dataDir });
    expect(states).toEqual([{ state: 'sent', attempt: 2 }]);
    expect(copies).toHaveLength(1);
  });

  it('in the middle of a large message shows nothing of it, and what is left of it is swept', async () => {
    const { token } = await server.account('carl@hosted.test');
    await deliverRaw(server, 'carl@hosted.test', mail('whole', 1_000_000));
    await expect.poll(() => subjects(token), { timeout: 60_000, interval: 200 }).toEqual(['whole']);
    await server.arm('blob.chunk', 'kill', { nth: 3 });
    await expect(deliverRaw(server, 'carl@hosted.test', mail('half', 2_000_000))).rejects.toThrow();
    await restart();
    expect(await subjects(token)).toEqual(['whole']);
    await server.stop();
    expect(await orphans()).toBe(1);
    // The sweep leaves what may still be coming alone for a day.
    await inDatabase(({ db }) => sql`update mail_spool set created_at = created_at - interval '25 hours'`.execute(db));
    server = await startFaulty({ DATA_DIR: dataDir });
    await expect.poll(() => server.call('GET', '/metrics').then(({ body }) => /sundial_jobs_total\{queue="mail.sweepAll",result="done"\} [1-9]/.test(body)), { timeout: 60_000, interval: 200 }).toBe(true);
    await server.stop();
    expect(await orphans()).toBe(0);
    server = await startFaulty({ DATA_DIR: dataDir });
    expect(await subjects(token)).toEqual(['whole']);
  });

  it('in the middle of a large message that is being sent has neither the message nor its bytes; the repeat with the same key sends it once', async () => {
    const alice = await server.account('dora@hosted.test');
    const bob = await server.account('emil@hosted.test');
    const send = () => server.call('POST', '/v1/email/messages', { as: alice.token, body: { to: [{ address: 'emil@hosted.test' }], subject: 'large', body: '<p>y</p>'.repeat(90_000) }, headers: { 'idempotency-key': 'large' } });
    await server.arm('blob.chunk', 'kill', { nth: 2 });
    await expect(send()).rejects.toThrow();
    await restart();
    expect(await subjects(alice.token)).toEqual([]);
    expect((await send()).status).toBe(201);
    await expect.poll(() => subjects(bob.token), { timeout: 60_000, interval: 200 }).toEqual(['large']);
    await server.stop();
    expect(await orphans()).toBe(0);
  });
});
