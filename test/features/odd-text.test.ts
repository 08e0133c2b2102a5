import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';

/** U+0000 is valid in a URL and in JSON, and no column of Postgres can hold it. */
describe('a request with U+0000', () => {
  let app: TestApp;
  let token: string;

  beforeAll(async () => {
    app = await createTestApp();
    ({ token } = await app.account());
  });
  afterAll(() => app.close());

  it.each([
    ['/v1/email/messages?q=a%00b', 'q'],
    ['/v1/email/messages/%00', 'messageId'],
    ['/v1/email/messages/a%00/raw', 'messageId'],
    ['/v1/email/conversations/%00', 'threadId'],
    ['/v1/email/folders/%00', 'folderId'],
    ['/v1/email/drafts/%00', 'draftId'],
    ['/v1/auth/authorize?clientId=%00&serviceType=Hosted', 'clientId'],
  ])('in its address is answered 400 and the field: %s', async (path, field) => {
    expect(await app.call('GET', path, { as: token })).toMatchObject({ status: 400, body: { code: 'request.invalid', field } });
  });

  it('in its body is the client\'s fault, not the server\'s', async () => {
    const mailbox = { serviceType: 'Hosted', password: 'correct horse', active: true };
    for (const [email, more] of [['n1', { name: 'a\0b' }], ['n2', { clientOrgId: '\0' }]] as const) {
      const answer = await app.call('POST', '/v1/am/accounts', { basic: true, body: { ...mailbox, email: `${email}@hosted.test`, ...more } });
      expect(answer).toMatchObject({ status: 400, body: { code: 'request.invalid' } });
    }
    const all = await app.call('GET', '/v1/am/accounts', { basic: true });
    expect(JSON.stringify(all.body)).not.toContain('n1@hosted.test');
  });
});
