import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations } from '../../server/contract.ts';
import type { Operation } from '../../server/http/operation.ts';
import { createTestApp, type Answer, type TestApp } from '../support/app.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

const name = (op: Operation): string => `${op.method.toUpperCase()} ${op.path}`;

/** The operation with something in each place; whoever may not call is refused before any of it is read. */
const call = (op: Operation, options: { as?: string; headers?: Record<string, string> } = {}): Promise<Answer> =>
  app.call(op.method.toUpperCase(), op.path.replace(/\{[^}]+\}/g, '1'), { ...options, ...(op.body && op.bodyKind !== 'form' ? { body: {} } : {}) });

async function wrong(ops: readonly Operation[], wanted: number, options: (op: Operation) => Parameters<typeof call>[1]): Promise<string[]> {
  const found: string[] = [];
  for (const op of ops) {
    const answer = await call(op, options(op));
    if (answer.status !== wanted) found.push(`${name(op)}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 200)}`);
  }
  return found;
}

describe('every operation that is not public', () => {
  const closed = operations.filter((op) => op.auth !== 'none');

  it('is 401 without credentials', async () => {
    expect(await wrong(closed, 401, () => ({}))).toEqual([]);
  });

  it('is 401 with a token that nobody gave out, in each of the places for one', async () => {
    for (const headers of [{ authorization: 'Bearer nobody' }, { 'x-aurinko-session': 'nobody' }, { cookie: `AUR${app.appId}=nobody`, 'x-aurinko-client-id': 'test-client' }, { authorization: 'Bearer a.b.c', 'x-aurinko-auth-type': 'exchangeIdToken' }] as Record<string, string>[]) {
      expect(await wrong(closed, 401, () => ({ headers }))).toEqual([]);
    }
  });

  it('is 403 for an account without its scope', async () => {
    const { token } = await app.account({ scopes: [] });
    const scoped = closed.filter((op) => op.scopes?.length);
    expect(scoped.length).toBeGreaterThan(20);
    expect(await wrong(scoped, 403, () => ({ as: token }))).toEqual([]);
  });

  it('is 403 for a script of a site that the application does not list', async () => {
    const { token } = await app.account();
    expect(await wrong(closed.filter((op) => op.auth === 'account'), 403, () => ({ as: token, headers: { origin: 'https://evil.test' } }))).toEqual([]);
  });
});
