import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { upsertApp } from '../../server/features/accounts/service.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { visitor, type Page } from '../support/browser.ts';
import { authorizePath, mailbox, PASSWORD, RETURN_URL, signIn } from '../support/signin.ts';

let app: TestApp;
let skewed = 0;
beforeAll(async () => {
  app = await createTestApp({ realTime: () => new Date(Date.now() + skewed) });
});
afterAll(() => app.close());

describe('the sign-in form', () => {
  it('is framed by nobody, runs no script and is not cached', async () => {
    const page = await visitor(app).get(authorizePath({ accountRole: 'primary' }));
    expect(page.headers.get('content-security-policy')).toMatch(/frame-ancestors 'none'/);
    expect(page.headers.get('content-security-policy')).not.toMatch(/script-src[^;]*unsafe/);
    expect(page.headers.get('cross-origin-opener-policy')).toBe('unsafe-none');
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    expect(page.html).not.toMatch(/<script|\son\w+=/i);
  });

  it('escapes what a link brings along', async () => {
    const page = await visitor(app).get(authorizePath({ accountRole: 'primary', loginHint: '"><img src=x onerror=alert(1)>' }));
    expect(page.html).not.toContain('<img');
    expect(page.fields.email).toBe('"><img src=x onerror=alert(1)>');
  });

  it('answers an unknown address and a wrong password alike, and forgets no parameter for the next try', async () => {
    await mailbox(app, 'wrong@hosted.test');
    const browser = visitor(app);
    const page = await browser.get(authorizePath({ accountRole: 'primary', responseType: 'code', state: 'kept' }));
    const wrong = await browser.submit(page, { email: 'wrong@hosted.test', password: 'not the password' });
    const unknown = await browser.submit(page, { email: 'nobody@hosted.test', password: 'not the password' });
    const neutral = (p: Page) => p.html.replaceAll(p.fields.email!, 'ADDRESS').replaceAll(p.fields.flow!, 'FLOW');
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(neutral(unknown)).toBe(neutral(wrong));
    expect(wrong.html).toContain('role="alert"');
    expect(Object.fromEntries((await browser.submit(wrong, { password: PASSWORD })).location!.searchParams)).toMatchObject({ status: 'success', state: 'kept' });
  });

  it('is taken only from the browser that got it, unchanged and in time', async () => {
    await mailbox(app, 'csrf@hosted.test');
    const browser = visitor(app);
    const page = await browser.get(authorizePath({ accountRole: 'primary' }));
    const fields = { email: 'csrf@hosted.test', password: PASSWORD };
    expect((await visitor(app).submit(page, fields)).status).toBe(400);
    expect((await browser.submit(page, { ...fields, flow: page.fields.flow!.replace(/.$/, (last) => (last === 'x' ? 'y' : 'x')) })).status).toBe(400);
    skewed = 30 * 60_000;
    expect((await browser.submit(page, fields)).status).toBe(400);
    skewed = 0;
    expect((await browser.submit(page, fields)).status).toBe(303);
  });

  it('stops guessing at one mailbox with 429, also for one that does not exist, and tells when to come back', async () => {
    await mailbox(app, 'guess@hosted.test');
    for (const email of ['guess@hosted.test', 'guess-nobody@hosted.test']) {
      const browser = visitor(app);
      const page = await browser.get(authorizePath({ accountRole: 'primary' }));
      const statuses: number[] = [];
      for (let i = 0; i < 11; i++) statuses.push((await browser.submit(page, { email, password: `guess ${i}` })).status);
      expect(statuses).toEqual([...Array<number>(10).fill(401), 429]);
      const right = await browser.submit(page, { email: email.toUpperCase(), password: PASSWORD });
      expect(right.status).toBe(429);
      expect(Number(right.headers.get('retry-after'))).toBeGreaterThan(0);
    }
  }, 60_000);

  it('knows the mailboxes of its own application only', async () => {
    const other = await upsertApp(app.deps, { clientId: 'elsewhere', clientSecret: 'elsewhere-secret-0123456789', signingSecret: 'x'.repeat(20), name: 'Elsewhere', returnUrls: [RETURN_URL], origins: [] });
    await mailbox(app, 'elsewhere@hosted.test', other.id);
    expect((await signIn(app, { accountRole: 'primary' }, 'elsewhere@hosted.test')).status).toBe(401);
  });

  it('is filled in by the playground with one of its accounts, and offers the other', async () => {
    await app.deps.db.insertInto('settings').values({ name: 'playground.signin', value: JSON.stringify([{ email: 'you@hosted.test', password: 'you-password' }, { email: 'buyer@hosted.test', password: 'buyer-password' }]) }).execute();
    const browser = visitor(app);
    const page = await browser.get(authorizePath({ accountRole: 'primary' }));
    expect(page.fields).toMatchObject({ email: 'you@hosted.test', password: 'you-password' });
    const href = /href="([^"]+)">Use buyer@hosted\.test/.exec(page.html)![1]!.replaceAll('&amp;', '&');
    expect((await browser.get(href)).fields).toMatchObject({ email: 'buyer@hosted.test', password: 'buyer-password' });
    expect((await browser.get(authorizePath({ accountRole: 'primary', loginHint: 'else@hosted.test' }))).fields).toMatchObject({ email: 'else@hosted.test', password: '' });
    await app.deps.db.deleteFrom('settings').where('name', '=', 'playground.signin').execute();
  });
});
