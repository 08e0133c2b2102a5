import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';
import { moveTo, nextMonday, toNextStep } from '../support/followup.ts';
import { startSmtpSink, type SmtpSink } from '../support/smtp-sink.ts';

let app: TestApp;
let sink: SmtpSink;

beforeAll(async () => {
  sink = await startSmtpSink();
  app = await createTestApp({ env: { SMTP_RELAY_URL: sink.url } });
});
afterAll(async () => {
  await app.close();
  await sink.close();
});

it('a step that a relay may have taken is shown in doubt, is not sent again, and nothing follows it', async () => {
  await moveTo(app, nextMonday(app));
  const { token } = await app.account({ name: 'Alice Seller' });
  const rule = (await app.call('POST', '/v1/followup/rules', { as: token, body: { actions: [1, 2].map((n) => ({ intervalDays: 1, message: `<p>Touch ${n}</p>` })) } })).body;
  const { threadId } = (await app.call('POST', '/v1/email/messages', {
    as: token, query: { returnIds: true }, body: { subject: 'Offer', body: '<p>An offer</p>', to: [{ address: 'far@away.example' }], followUp: { ruleId: rule.id } },
  })).body;
  await app.drain();
  expect(sink.taken).toHaveLength(1);

  sink.faults = [{ at: 'dot', answer: 'hang up' }];
  await toNextStep(app);
  const status = (await app.call('GET', `/v1/followup/conversations/${threadId}`, { as: token })).body;
  expect(status).toMatchObject({ status: 'failed', stopReason: 'inDoubt', steps: [{ num: 1, state: 'inDoubt' }, { num: 2, state: 'cancelled' }] });
  expect(await toNextStep(app)).toBe(false);
  expect(sink.seen()).toBe(2);
});
