import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';

let app: TestApp;
let token: string;
beforeAll(async () => {
  app = await createTestApp();
  ({ token } = await app.account());
});
afterAll(() => app.close());

const keep = async (subject: string, body: string): Promise<void> => {
  const kept = await app.call('POST', '/v1/email/drafts', { as: token, body: { to: [{ address: 'buyer@northwind.example' }], subject, body } });
  expect(kept.status).toBe(200);
};
const found = async (q: string): Promise<string[]> => {
  const { body } = await app.call('GET', '/v1/email/messages', { as: token, query: { q: `in:drafts ${q}` } });
  return body.records.map((m: { subject: string }) => m.subject).sort();
};

it('finds by words, by their beginnings, by phrases and by addresses, whatever stands between the letters', async () => {
  await keep('Offer', '<p>Our year-end prices for Zürich: see https://example.com/pricing/2027.</p>');
  for (const q of ['prices', 'pric', 'year-end', '"year end"', 'zürich', 'example.com/pricing', 'buyer@northwind.example', '"<prices"']) expect(await found(q), q).toEqual(['Offer']);
  for (const q of ['"end year"', 'price-lists', '-prices', '!!!']) expect(await found(q), q).toEqual([]);
});

it.each(['&lt;!--', 'www.', 'a-', '1.', 'a@b.', '/..', 'x'])('takes 150 kB of "%s" without holding anybody up', async (odd) => {
  const began = performance.now();
  await keep(odd, `<p>${odd.repeat(Math.ceil(150_000 / odd.replace('&lt;', '<').length))} harmless${odd.length}</p>`);
  // The text search of Postgres needs more than half a minute for the first of them.
  expect(performance.now() - began).toBeLessThan(10_000);
});
