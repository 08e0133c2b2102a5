import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClock } from '../../server/lib/clock.ts';
import { restoreClock } from '../../server/playground/clock.ts';
import { startPlayground } from '../../server/playground/start.ts';
import { addressesOf, viewOf } from '../../server/playground/view.ts';
import { createTestApp, type Answer, type CallOptions, type TestApp } from '../support/app.ts';
import { PRODUCTION } from '../support/production.ts';

describe('the playground', () => {
  let app: TestApp;
  let stop: () => void;
  let you: string;
  let buyer: string;

  /** As the page asks: same origin, named where something changes. */
  const own = (method: string, path: string, options: CallOptions = {}): Promise<Answer> =>
    app.call(method, path, { ...options, headers: { ...(method === 'GET' ? {} : { origin: app.url }), ...options.headers } });
  const messages = async (token: string, folder: 'inbox' | 'sent') => {
    const { body: folders } = await app.call('GET', '/v1/email/folders', { as: token });
    const { id } = folders.records.find((f: { sysLabel?: string }) => f.sysLabel === folder);
    return (await app.call('GET', `/v1/email/folders/${id}/messages`, { as: token })).body.records as { id: string; subject: string; from: { address: string } }[];
  };
  const send = (who: string, body: object) => own('POST', `/playground/api/${who}/send`, { body });
  const session = async () => (await own('GET', '/playground/api/session')).body;
  const settle = async () => {
    for (let i = 0; i < 8; i++) {
      await app.drain();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  beforeAll(async () => {
    app = await createTestApp({ env: { HOSTED_DOMAINS: 'playground.test' } });
    stop = await startPlayground(app.deps, app.smtpPort);
    await app.drain();
    const { mailboxes } = await session();
    you = mailboxes.you.token;
    buyer = mailboxes.buyer.token;
  });
  afterAll(async () => {
    stop();
    await app.close();
  });

  it('starts with two mailboxes and mail that came in by SMTP', async () => {
    expect(await session()).toMatchObject({
      mailboxes: { you: { email: 'you@playground.test' }, buyer: { email: 'buyer@playground.test' } },
      reading: 'outlook', progress: { signIn: false, send: false, open: false, followUp: false, book: false },
    });
    const inbox = await messages(you, 'inbox');
    expect(inbox.map((m) => m.from.address)).toContain('buyer@playground.test');
    expect(inbox.length).toBe(4);
  });

  it('seeds once: a second start keeps what is there', async () => {
    const before = (await session()).mailboxes.you.accountId;
    const stopAgain = await startPlayground(app.deps, app.smtpPort);
    expect((await session()).mailboxes.you.accountId).toBe(before);
    stopAgain();
    stop = await startPlayground(app.deps, app.smtpPort);
  });

  it('begins again after a first start that was cut off', async () => {
    const cut = await createTestApp({ env: { HOSTED_DOMAINS: 'playground.test' } });
    await (await startPlayground(cut.deps, cut.smtpPort))();
    await cut.deps.db.deleteFrom('settings').where('name', 'like', 'playground.%').execute();
    await (await startPlayground(cut.deps, cut.smtpPort))();
    await cut.drain();
    const { mailboxes } = (await cut.call('GET', '/playground/api/session')).body;
    expect((await cut.call('GET', '/v1/email/messages', { as: mailboxes.you.token })).body.length).toBe(4);
    await cut.close();
  });

  it('refuses a page of another site, whatever it pretends', async () => {
    const wrong = [
      own('GET', '/playground/api/session', { headers: { origin: 'https://evil.test' } }),
      own('GET', '/playground/api/session', { headers: { 'sec-fetch-site': 'cross-site' } }),
      app.call('POST', '/playground/api/reset'),
      app.call('POST', '/playground/api/reset', { headers: { origin: 'null' } }),
    ];
    for (const answer of await Promise.all(wrong)) {
      expect(answer.status).toBe(403);
      expect(answer.body.code).toBe('access.denied');
    }
  });

  it('is not there in production mode', async () => {
    const production = await createTestApp({ env: PRODUCTION });
    for (const path of ['/playground/api/session', '/playground/api/clock', '/playground/exchange/autodiscover/metadata/json/1', '/playground/office.js']) {
      expect((await production.call('GET', path)).status).toBe(404);
    }
    await production.close();
  });

  it('sends what the add-in asked for at the moment of sending, and only X- headers', async () => {
    const { status, body } = await send('you', {
      to: [{ address: 'buyer@playground.test' }], subject: 'With additions', body: '<p>Body</p>',
      prependOnSend: '<p>Before</p>', appendOnSend: '<p>After</p>', headers: { 'X-Sundial-Id': 'abc', 'Subject-Evil': 'no' },
    });
    expect(status).toBe(200);
    expect(body.messageId).toBeTruthy();
    await app.drain();
    const arrived = (await messages(buyer, 'inbox')).find((m) => m.subject === 'With additions')!;
    const { body: raw } = await app.call('GET', `/v1/email/messages/${arrived.id}/raw`, { as: buyer });
    expect(raw).toMatch(/^X-Sundial-Id: abc\r?$/im);
    expect(raw).not.toMatch(/Subject-Evil/);
    const { body: full } = await app.call('GET', `/v1/email/messages/${arrived.id}`, { as: buyer });
    expect(full.body).toMatch(/Before.*Body.*After/s);
  });

  it('keeps a reply in its conversation', async () => {
    const arrived = (await messages(buyer, 'inbox')).find((m) => m.subject === 'With additions')!;
    await send('buyer', { to: [{ address: 'you@playground.test' }], subject: 'Re: With additions', body: '<p>Thanks</p>', replyTo: arrived.id });
    await app.drain();
    const [sent] = await messages(you, 'sent');
    const answer = (await messages(you, 'inbox')).find((m) => m.subject === 'Re: With additions') as unknown as { threadId: string; inReplyTo: string };
    expect(answer.threadId).toBe((sent as unknown as { threadId: string }).threadId);
  });

  describe('the other person’s program', () => {
    let code: string;
    let arrived: string;
    const tracked = async (subject: string) => {
      const { body: prepared } = await app.call('POST', '/v1/email/draftTracking/create', {
        as: you, query: { draftId: subject, ignoreNotFound: true }, body: { htmlText: '', tracking: { opens: true, threadReplies: true, trackOpensAfterSendDelay: 0 } },
      });
      code = prepared.trackingCode;
      await send('you', { to: [{ address: 'buyer@playground.test' }], subject, body: '<p>Hello</p>', appendOnSend: prepared.htmlBody, headers: { 'X-Sundial-Id': code } });
      await app.drain();
      arrived = (await messages(buyer, 'inbox')).find((m) => m.subject === subject)!.id;
    };
    const opens = async () => {
      await settle();
      const { body } = await app.call('GET', '/v1/email/tracking/events', { as: you });
      return (body.records as { eventType: string; trackingCode: string; verdict?: string }[]).filter((e) => e.eventType === 'open' && e.trackingCode === code);
    };
    const readIn = (client: string) => own('PUT', '/playground/api/reading', { body: { client } });
    const open = async (loadImages = false) => (await own('POST', `/playground/api/buyer/messages/${arrived}/open`, { body: { loadImages } })).body;

    it('Outlook blocks images until they are asked for, and then it is a human open', async () => {
      await readIn('outlook');
      await tracked('For Outlook');
      expect((await open()).blockedImages).toBe(1);
      expect(await opens()).toEqual([]);
      expect((await open(true)).blockedImages).toBe(0);
      expect((await opens()).map((e) => e.verdict)).toEqual(['human']);
    });

    it('one’s own look at the sent copy is nobody’s open', async () => {
      const [sent] = await messages(you, 'sent');
      expect((await own('POST', `/playground/api/you/messages/${sent!.id}/open`, { body: { loadImages: true } })).body.blockedImages).toBe(0);
      expect((await opens()).map((e) => e.verdict).sort()).toEqual(['human', 'self']);
    });

    it('Gmail opens through its proxy', async () => {
      await readIn('gmail');
      await tracked('For Gmail');
      expect((await open()).blockedImages).toBe(0);
      expect((await opens()).map((e) => e.verdict)).toEqual(['proxy']);
    });

    it('Apple Mail loads at delivery, which says nothing about reading', async () => {
      await readIn('apple');
      await tracked('For Apple');
      await new Promise((resolve) => setTimeout(resolve, 1200));
      expect((await opens()).map((e) => e.verdict)).toEqual(['unknown']);
      expect((await open()).blockedImages).toBe(0);
      expect((await opens()).length).toBe(1);
    });

    it('a filter looks into the message before anybody reads it', async () => {
      await readIn('filter');
      await tracked('For the filter');
      await new Promise((resolve) => setTimeout(resolve, 1200));
      expect((await opens()).map((e) => e.verdict)).toEqual(['machine', 'machine']);
      await readIn('outlook');
    });
  });

  it('answers once while out of office, as a robot must', async () => {
    await own('PUT', '/playground/api/outOfOffice', { body: { on: true, until: '2026-12-02' } });
    for (const subject of ['First', 'Second']) {
      await send('you', { to: [{ address: 'buyer@playground.test' }], subject, body: '<p>Hello</p>' });
      await settle();
    }
    await own('PUT', '/playground/api/outOfOffice', { body: { on: false } });
    const answers = (await messages(you, 'inbox')).filter((m) => m.subject.startsWith('Automatic reply:'));
    expect(answers.map((m) => m.subject)).toEqual(['Automatic reply: First']);
    const { body: raw } = await app.call('GET', `/v1/email/messages/${answers[0]!.id}/raw`, { as: you });
    expect(raw).toMatch(/^Auto-Submitted: auto-replied\r?$/m);
  });

  it('moves its clock forward only, and remembers it', async () => {
    const before = app.clock.offset();
    const { body } = await own('POST', '/playground/api/clock', { body: { advanceMs: 3_600_000 } });
    expect(body).toMatchObject({ aheadMs: before + 3_600_000, moved: true, sent: 0 });
    const afterRestart = createClock();
    await restoreClock({ db: app.deps.db, clock: afterRestart });
    expect(afterRestart.offset()).toBe(before + 3_600_000);
    expect((await own('POST', '/playground/api/clock', { body: { advanceMs: -1 } })).status).toBe(400);
    expect((await own('POST', '/playground/api/clock', { body: {} })).status).toBe(400);
    expect((await own('POST', '/playground/api/clock', { body: { to: 'nextFollowUp' } })).body).toMatchObject({ moved: false });
  });

  it('begins anew at Reset, for both mailboxes and the clock', async () => {
    expect((await own('POST', '/playground/api/reset')).status).toBe(200);
    await app.drain();
    const after = await session();
    expect(after.clock.aheadMs).toBe(0);
    expect(after.progress).toEqual({ signIn: false, send: false, open: false, followUp: false, book: false });
    expect((await app.call('GET', '/v1/email/folders', { as: you })).status).toBe(401);
    expect((await messages(after.mailboxes.you.token, 'inbox')).length).toBe(4);
    expect(await messages(after.mailboxes.buyer.token, 'inbox')).toEqual([]);
  });
});

describe('the reading pane’s view of a message', () => {
  const hostile = [
    '<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '<a href="javascript:alert(1)">x</a>', '<svg onload=alert(1)>', '<iframe src="https://evil.test"></iframe>',
    '<p style="background:url(https://evil.test/x.png)">x</p>', '<p style="color:expression(alert(1))">x</p>', '<style>@import "https://evil.test"</style>', '<form action="https://evil.test"><input></form>',
    '<a href="jAvAsCrIpT:alert(1)">x</a>', '<img srcset="https://evil.test/x.png 1x">', '<link rel=stylesheet href=https://evil.test>', '<meta http-equiv=refresh content="0;url=https://evil.test">', '<img src="//evil.test/x.png">', '<img src="data:text/html,<script>alert(1)</script>">',
  ];
  it.each(hostile)('keeps nothing of %s that runs or loads', (html) => {
    expect(viewOf(html, new Map())).not.toMatch(/script|alert|evil|onerror|onload|url\(|expression|data:text|<form|<iframe|<meta|<link|<style|srcset/i);
  });

  it('opens links in a window of their own and shows the images that were loaded', () => {
    const html = '<a href="https://a.test/?x=1&amp;y=2">a</a><img src="https://a.test/p.gif" alt="p"><img src="https://a.test/q.gif">';
    expect(addressesOf(html)).toEqual({ links: ['https://a.test/?x=1&y=2'], images: ['https://a.test/p.gif', 'https://a.test/q.gif'] });
    const view = viewOf(html, new Map([['https://a.test/p.gif', 'data:image/gif;base64,R0lGODlh']]));
    expect(view).toContain('target="_blank" rel="noopener noreferrer"');
    expect(view).toContain('src="data:image/gif;base64,R0lGODlh"');
    expect(view.match(/data-blocked/g)?.length).toBe(1);
  });
});
