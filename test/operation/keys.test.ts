import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { keyUse, reencrypt } from '../../server/db/encrypted.ts';
import { writeSetting } from '../../server/db/settings.ts';
import { openKeyRing, type KeyRing } from '../../server/lib/keyring.ts';
import { createTestApp, type TestApp } from '../support/app.ts';

const key = (n: number): string => Buffer.alloc(32, n).toString('base64url');
const ring = (...numbers: number[]): KeyRing => openKeyRing(numbers.map(key).join(' '), '/nowhere');

describe('sundial keys reencrypt', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await createTestApp();
  });
  afterAll(() => app.close());
  const [first, second] = [ring(1), ring(2, 1)];
  beforeEach(async () => {
    await sql`truncate idempotency_keys, settings`.execute(app.deps.db);
    for (const column of ['client_secret', 'signing_secret'] as const) await app.deps.db.updateTable('apps').set({ [column]: await first.encrypt('app') }).execute();
  });
  const remember = async (id: string, keys: KeyRing) => app.deps.db.insertInto('idempotency_keys').values({ id, fingerprint: await keys.encrypt(`f${id}`), answer: await keys.encrypt(`a${id}`), claim: 'c', claimed_until: new Date(), expires_at: new Date() }).execute();

  it('goes on where it was cut off, and leaves alone what stands under the newest key', async () => {
    for (let n = 0; n < 250; n++) await remember(`k${String(n).padStart(3, '0')}`, n % 5 ? first : second);
    const total = { newest: 100, older: 402, missing: 0 };
    expect(await keyUse(app.deps.db, second)).toEqual(total);
    let left = 120;
    const dying: KeyRing = { ...second, decrypt: (jwe) => second.decrypt(jwe), encrypt: async (secret) => {
      if (--left < 0) throw new Error('killed');
      return second.encrypt(secret);
    } };
    await expect(reencrypt(app.deps.db, dying)).rejects.toThrow('killed');
    expect(await keyUse(app.deps.db, second)).toMatchObject({ newest: 220, older: 282 });
    expect(await reencrypt(app.deps.db, second)).toEqual({ rewritten: 282, newest: 502, older: 0, missing: 0, damaged: [] });
    const rows = await app.deps.db.selectFrom('idempotency_keys').selectAll().execute();
    for (const { id, fingerprint, answer } of rows) expect([await ring(2).decrypt(fingerprint), await ring(2).decrypt(answer!)]).toEqual([`f${id}`, `a${id}`]);
  });

  it('keeps what somebody else wrote meanwhile', async () => {
    const meanwhile = await second.encrypt('newer');
    const racing: KeyRing = { ...second, encrypt: async (secret) => {
      await app.deps.db.updateTable('apps').set({ client_secret: meanwhile }).execute();
      return second.encrypt(secret);
    } };
    await reencrypt(app.deps.db, racing);
    const { client_secret: kept } = await app.deps.db.selectFrom('apps').select('client_secret').executeTakeFirstOrThrow();
    expect(await second.decrypt(kept)).toBe('newer');
  });

  it('reaches what stands deep in a setting, and changes nothing else of it', async () => {
    await writeSetting(app.deps.db, 'deep', { a: [{ token: await first.encrypt('deep'), text: 'eyJ.no' }], n: 1 });
    await reencrypt(app.deps.db, second);
    const { value } = await app.deps.db.selectFrom('settings').select('value').executeTakeFirstOrThrow() as { value: { a: { token: never; text: string }[]; n: number } };
    expect([await ring(2).decrypt(value.a[0]!.token), value.a[0]!.text, value.n]).toEqual(['deep', 'eyJ.no', 1]);
  });

  it('says what it cannot read, by key and by place, and does the rest', async () => {
    await remember('lost', ring(9));
    await remember('torn', first);
    await sql`update idempotency_keys set answer = left(answer, length(answer) - 4) || 'AAAA' where id = 'torn'`.execute(app.deps.db);
    expect(await reencrypt(app.deps.db, second)).toEqual({ rewritten: 3, newest: 3, older: 1, missing: 2, damaged: ['idempotency_keys.answer, id torn'] });
  });
});
