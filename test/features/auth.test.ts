import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { upsertApp } from '../../server/features/accounts/service.ts';
import { BASIC, CLIENT_ID, CLIENT_SECRET, createTestApp, type TestApp } from '../support/app.ts';
import { visitor } from '../support/browser.ts';
import { asIdentity, authorizePath, identityToken, link, mailbox, PASSWORD, prepared, redeem, RETURN_URL, signIn } from '../support/signin.ts';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

const errorOf = (page: { location: URL | undefined }): string | null | undefined => page.location?.searchParams.get('error');

describe('signing the pane in by its Exchange identity', () => {
  it('prepares, shows one page for form and link, redeems without a secret, and then every call may use the identity', async () => {
    const { accountId } = await mailbox(app, 'pane@hosted.test');
    const token = await identityToken(app, 'pane@exchange.test');
    const browser = visitor(app);
    const page = await browser.get(authorizePath({ accountRole: 'primary', responseType: 'code', token: await prepared(app, token), state: 'st&te' }));
    expect(page.status).toBe(200);
    expect(page.html).toContain('Link these accounts');
    expect(page.html).toContain(new URL(app.url).host);
    const end = await browser.submit(page, { email: 'Pane@hosted.test', password: PASSWORD });
    expect(end.status).toBe(303);
    expect(end.location?.origin).toBe('https://client.test');
    const back = Object.fromEntries(end.location!.searchParams);
    expect(back).toMatchObject({ status: 'success', state: 'st&te', code: expect.any(String), requestId: expect.any(String) });

    const before = await app.call('GET', '/v1/user', { headers: asIdentity(token) });
    expect(before.status).toBe(401);
    const saved = await redeem(app, back.code, token);
    expect(saved.status).toBe(200);
    expect(saved.body).toMatchObject({ accountId, accessToken: expect.any(String), userId: expect.any(String), userSession: expect.any(String) });
    const user = await app.call('GET', '/v1/user', { headers: asIdentity(token) });
    expect(user.body).toMatchObject({ id: saved.body.userId, email: 'pane@hosted.test', externalIdType: 'exchangeIdentity', accounts: [{ id: accountId, userAccountType: 'primary' }] });
    expect((await app.call('GET', '/v1/account', { headers: asIdentity(token) })).body.id).toBe(accountId);
  });
});
