import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { transaction, type Db, type Trx } from '../server/db/db.ts';
import { readBlobWhole, writeBlob } from '../server/db/blobs.ts';
import { createTestApp, type TestApp } from './support/app.ts';

describe('the platform', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await createTestApp();
  });
  afterAll(() => app.close());

  it('answers an unknown path in the one error form, with the request id as a header', async () => {
    const answer = await app.call('GET', '/v1/nothing');
    expect(answer.status).toBe(404);
    expect(answer.body).toMatchObject({ code: 'notFound', requestId: answer.headers.get('x-request-id') });
    expect(z.uuid().safeParse(answer.body.requestId).success).toBe(true);
  });

  it('gives a blob of several rows back byte for byte', async () => {
    const data = Buffer.alloc(700_001, 'sundial');
    const ref = await transaction(app.deps.db, (trx) => writeBlob(trx, data));
    expect(ref.size).toBe(700_001);
    expect((await readBlobWhole(app.deps.db, ref.id)).equals(data)).toBe(true);
  });

  it.skipIf(process.env.TEST_DATABASE_URL)('refuses the outer db inside a transaction, where it would hang on one connection', async () => {
    const misuse = transaction(app.deps.db, async () => app.deps.db.selectFrom('apps').selectAll().execute());
    await expect(misuse).rejects.toThrow('outer db');
  });

  it('turns the event loop during a long chain of queries, in a transaction and out of it, and mixes up none of their answers', async () => {
    const { db } = app.deps;
    let turns = 0;
    const watch = setInterval(() => turns++, 1);
    const chain = async (on: Db | Trx, from: number): Promise<number[]> => {
      const answers: number[] = [];
      for (let i = from; i < from + 500; i++) answers.push(Number((await sql<{ n: number }>`select ${i}::int as n`.execute(on)).rows[0]!.n));
      return answers;
    };
    const all = await Promise.all([chain(db, 0), transaction(db, (trx) => chain(trx, 1000)), chain(db, 2000)]);
    clearInterval(watch);
    expect(all.map((answers, i) => answers.every((n, at) => n === i * 1000 + at))).toEqual([true, true, true]);
    expect(turns).toBeGreaterThan(4);
  });

  it('delivers an event to a live subscriber after its transaction has committed', async () => {
    const { account } = await app.account();
    const heard = new Promise((resolve) => app.deps.events.subscribe(account.id, resolve));
    await transaction(app.deps.db, (trx) => app.deps.events.emit(trx, { type: 'AccountRemoved', accountId: account.id }));
    expect(await heard).toMatchObject({ event: { type: 'AccountRemoved', accountId: account.id } });
  });
});
