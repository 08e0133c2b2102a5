import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shortenAddress } from '../../server/features/tracking/address.ts';
import { findSweeps, judge, RULES, type Hit, type TimedClick } from '../../server/features/tracking/verdicts.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { AGENTS, load, trackedMessage } from '../support/tracking.ts';

const plain: Hit = {
  type: 'open', method: 'GET', userAgent: AGENTS.chrome, referrer: '', purpose: '', selfMark: null,
  secondsAfterSend: 600, opensAfterSeconds: 5, inSweep: false,
};
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0';
const safari = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15';
const prefetch = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0';

/** For each row of the table one hit that it and no earlier row decides. */
const EXAMPLES: Record<string, [Partial<Hit>, string, (string | null)?][]> = {
  purged: [[{ selfMark: 'purged' }, 'self']],
  session: [[{ selfMark: 'session', secondsAfterSend: 1 }, 'self']],
  head: [[{ method: 'HEAD' }, 'machine'], [{ method: 'HEAD', type: 'click' }, 'machine']],
  prefetch: [[{ purpose: 'prefetch' }, 'machine'], [{ purpose: 'prefetch;prerender' }, 'machine'], [{ purpose: 'preview' }, 'machine']],
  gmailPrefetch: [[{ userAgent: prefetch }, 'machine', 'Gmail']],
  draft: [[{ secondsAfterSend: -20 }, 'self']],
  unsent: [[{ secondsAfterSend: null, userAgent: AGENTS.outlook }, 'unknown']],
  tooEarly: [[{ secondsAfterSend: 4.9 }, 'machine'], [{ secondsAfterSend: 30, opensAfterSeconds: 60, userAgent: AGENTS.gmail }, 'machine']],
  security: [[{ userAgent: 'Mozilla/5.0 (compatible; Barracuda Sentinel (EE))' }, 'machine', 'Mail filter'], [{ userAgent: 'Mimecast-URL-Check/1.0' }, 'machine']],
  googleProxy: [[{ userAgent: AGENTS.gmail }, 'proxy', 'Gmail']],
  yahooProxy: [[{ userAgent: 'YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html' }, 'proxy', 'Yahoo Mail']],
  preview: [[{ userAgent: 'Microsoft Office Existence Discovery' }, 'machine', null], [{ userAgent: 'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)' }, 'machine'], [{ userAgent: 'Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5' }, 'machine']],
  tool: [
    [{ userAgent: 'curl/8.5.0' }, 'machine'], [{ userAgent: 'python-requests/2.32.3' }, 'machine'], [{ userAgent: 'Go-http-client/2.0' }, 'machine'],
    [{ userAgent: AGENTS.chrome.replace('Chrome/', 'HeadlessChrome/') }, 'machine'], [{ userAgent: 'Mozilla/5.0 (compatible; AcmeBot/1.0)' }, 'machine'],
  ],
  sweep: [[{ type: 'click', inSweep: true }, 'machine', 'Mail filter'], [{ type: 'open', inSweep: true }, 'machine']],
  viewing: [[{ selfMark: 'viewing' }, 'self']],
  appleProxy: [[{ userAgent: 'Mozilla/5.0' }, 'unknown', 'Apple Mail']],
  outlook: [[{ userAgent: AGENTS.outlook }, 'human', 'Outlook'], [{ userAgent: 'Mozilla/4.0 (compatible; ms-office; MSOffice 16)' }, 'human'], [{ userAgent: 'Outlook-iOS/2.0' }, 'human']],
  outlookWeb: [[{ referrer: 'https://outlook.office.com/mail/' }, 'human', 'Outlook on the web'], [{ referrer: 'https://outlook.cloud.microsoft/' }, 'human']],
  thunderbird: [[{ userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.0' }, 'human', 'Thunderbird']],
  appleMail: [[{ userAgent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)' }, 'human', 'Apple Mail'], [{ userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148' }, 'human']],
  edge: [[{ userAgent: `${AGENTS.chrome} Edg/141.0.0.0` }, 'human', 'Edge']],
  firefox: [[{ userAgent: firefox }, 'human', 'Firefox']],
  chrome: [[{}, 'human', 'Chrome'], [{ type: 'click' }, 'human']],
  safari: [[{ userAgent: safari }, 'human', 'Safari']],
};

describe('the table of verdicts', () => {
  it('has an example for each row', () => {
    expect(Object.keys(EXAMPLES)).toEqual(RULES.map((rule) => rule.name));
  });

  for (const [name, examples] of Object.entries(EXAMPLES)) {
    it(`row ${name}`, () => {
      for (const [change, verdict, client] of examples) {
        const hit = { ...plain, ...change };
        expect(RULES.find((rule) => rule.test(hit))?.name).toBe(name);
        expect(judge(hit)).toMatchObject({ verdict, ...(client === undefined ? {} : { client }) });
        expect(judge(hit).reason).toMatch(/^[A-Z].+\.$/);
      }
    });
  }

  it('says by which delay of the sender an early open is not counted', () => {
    expect(judge({ ...plain, secondsAfterSend: 4.9 }).reason).toBe('It came 4 s after sending; opens in the first 5 s are not counted.');
  });

  it('claims nothing where nothing is known', () => {
    for (const userAgent of ['', 'Mozilla/4.0', 'something new']) expect(judge({ ...plain, userAgent }).verdict).toBe('unknown');
  });

  it('never makes a verdict of speed alone', () => {
    fc.assert(fc.property(fc.double({ min: 0, max: 10, noNaN: true }), (secondsAfterSend) => {
      expect(judge({ ...plain, opensAfterSeconds: 0, secondsAfterSend }).verdict).toBe('human');
    }));
  });

  it('always answers one of the five verdicts with a reason', () => {
    fc.assert(fc.property(fc.string({ maxLength: 500 }), fc.string(), fc.string(), (userAgent, referrer, purpose) => {
      const { verdict, reason } = judge({ ...plain, userAgent, referrer, purpose });
      expect(['human', 'proxy', 'machine', 'self', 'unknown']).toContain(verdict);
      expect(reason).not.toBe('');
    }));
  });
});

describe('a sweep', () => {
  const click = (seconds: number, linkId: number, by = 'a'): TimedClick => ({ at: seconds * 1000, linkId, by });

  it('is three different links of one program within 30 seconds; hits near it belong to it, also earlier ones', () => {
    const inSweep = findSweeps([click(100, 1), click(102, 1, 'b'), click(110, 2), click(125, 3)]);
    expect([94, 95, 100, 125, 130, 131].map((seconds) => inSweep(seconds * 1000, 'a'))).toEqual([false, true, true, true, true, false]);
    expect(inSweep(102_000, 'b')).toBe(false);
  });

  it('is not one link visited often, nor three at leisure', () => {
    expect(findSweeps([click(0, 1), click(1, 1), click(2, 1), click(3, 2)])(1000, 'a')).toBe(false);
    expect(findSweeps([click(0, 1), click(16, 2), click(31, 3)])(16_000, 'a')).toBe(false);
  });

  it('agrees with a slow and obvious search', () => {
    const clicks = fc.array(fc.record({ at: fc.integer({ min: 0, max: 120 }), linkId: fc.integer({ min: 1, max: 5 }), by: fc.constantFrom('a', 'b') }), { maxLength: 15 });
    fc.assert(fc.property(clicks, fc.integer({ min: -40, max: 160 }), (some, seconds) => {
      const sorted = some.map((c) => ({ ...c, at: c.at * 1000 })).sort((x, y) => x.at - y.at);
      let obvious = false;
      for (let start = seconds - 30; start <= seconds; start++) {
        obvious ||= new Set(some.filter((c) => c.by === 'a' && c.at >= start && c.at <= start + 30).map((c) => c.linkId)).size >= 3;
      }
      expect(findSweeps(sorted)(seconds * 1000, 'a')).toBe(obvious);
    }), { numRuns: 300 });
  });

  it('is found among 10,000 visits in a moment', () => {
    const many = Array.from({ length: 10_000 }, (_, i) => click(i / 100, i % 7));
    const started = performance.now();
    const inSweep = findSweeps(many);
    expect(many.every((c) => inSweep(c.at, 'a'))).toBe(true);
    // A hundred million comparisons, which a look at every pair makes, take longer than this anywhere.
    expect(performance.now() - started).toBeLessThan(1500);
  });
});

describe('a remote address', () => {
  it('is cut to its network before it is stored', () => {
    expect(['203.0.113.77', '::ffff:203.0.113.77', '2001:db8:1:2:3:4:5:6', '::1', '', 'x'].map(shortenAddress)).toEqual(['203.0.113.0', '203.0.113.0', '2001:db8:1::', '::', '', '']);
  });
});

describe('verdicts over time', () => {
  let app: TestApp;
  let token: string;
  beforeAll(async () => {
    app = await createTestApp();
    ({ token } = await app.account());
  });
  afterAll(() => app.close());

  const summary = async (id: number) => (await app.call('GET', `/v1/email/tracking/${id}`, { as: token })).body;
  const verdicts = async (id: number): Promise<string[]> => {
    const { body } = await app.call('GET', `/v1/email/tracking/${id}/events`, { as: token });
    return body.records.filter((e: { verdict?: string }) => e.verdict).map((e: { eventType: string; verdict: string }) => `${e.eventType} ${e.verdict}`);
  };
  const three = '<a href="https://a.test/">A</a><a href="https://b.test/">B</a><a href="https://c.test/">C</a>';

  it('count human and proxy as opens, show unknown apart and fold the rest', async () => {
    const message = await trackedMessage(app, token);
    for (const agent of [AGENTS.outlook, AGENTS.gmail, AGENTS.apple, 'curl/8.0']) await load(app, `/t/${message.code}.gif`, agent);
    expect(await summary(message.id)).toMatchObject({ openCount: 2, unknownCount: 1, notCounted: 1 });
    expect((await summary(message.id)).lastEvent).toMatchObject({ eventType: 'open', verdict: 'unknown', client: 'Apple Mail' });
  });

  it('turn back when a later click shows that a filter followed every link', async () => {
    const message = await trackedMessage(app, token, { html: three, tracking: { links: true } });
    await load(app, `/t/${message.code}.gif`, AGENTS.chrome);
    await load(app, `/l/${message.links[0]!.code}`, AGENTS.chrome);
    await load(app, `/l/${message.links[1]!.code}`, AGENTS.chrome);
    expect(await verdicts(message.id)).toEqual(['open human', 'click human', 'click human']);
    await load(app, `/l/${message.links[2]!.code}`, AGENTS.chrome);
    expect(await verdicts(message.id)).toEqual(['open machine', 'click machine', 'click machine', 'click machine']);
    expect(await summary(message.id)).toMatchObject({ openCount: 0, clickCount: 0, notCounted: 4 });
    expect((await summary(message.id)).lastActivityTime).toBeUndefined();
  });

  it('leave another reader alone while a filter sweeps', async () => {
    const message = await trackedMessage(app, token, { html: three, tracking: { links: true } });
    await load(app, `/t/${message.code}.gif`, AGENTS.outlook);
    for (const link of message.links) await load(app, `/l/${link.code}`, AGENTS.chrome);
    expect(await verdicts(message.id)).toEqual(['open human', 'click machine', 'click machine', 'click machine']);
  });

  it('see through a filter that changes its name from link to link, where one person got the message', async () => {
    const agents = [AGENTS.chrome, firefox, safari];
    const sweep = async (to: string[]): Promise<string[]> => {
      const { body } = await app.call('POST', '/v1/email/messages', { as: token, body: { subject: 's', body: three, to: to.map((address) => ({ address })), tracking: { opens: true, links: true, trackOpensAfterSendDelay: 0 } } });
      const links = await app.deps.db.selectFrom('tracking_links').select('code').where('tracking_id', '=', Number(body.trackingId)).orderBy('id').execute();
      await load(app, `/t/${(await summary(Number(body.trackingId))).trackingCode}.gif`, AGENTS.outlook);
      for (const [i, { code }] of links.entries()) await load(app, `/l/${code}`, agents[i]!);
      return verdicts(Number(body.trackingId));
    };
    expect(await sweep(['one@elsewhere.test'])).toEqual(['open human', 'click machine', 'click machine', 'click machine']);
    expect(await sweep(['one@elsewhere.test', 'two@elsewhere.test'])).toEqual(['open human', 'click human', 'click human', 'click human']);
  });

  it('do not call it a sweep when the links are followed at leisure', async () => {
    const message = await trackedMessage(app, token, { html: three, tracking: { links: true } });
    for (const link of message.links) {
      await load(app, `/l/${link.code}`, AGENTS.chrome);
      app.clock.advance(20_000);
    }
    expect(await verdicts(message.id)).toEqual(['click human', 'click human', 'click human']);
  });

  it('do not count what comes within trackOpensAfterSendDelay; it is 5 seconds unless told', async () => {
    const delayed = await trackedMessage(app, token, { tracking: { trackOpensAfterSendDelay: 60 } });
    const usual = await trackedMessage(app, token, { tracking: { trackOpensAfterSendDelay: undefined } });
    for (const seconds of [1, 10, 60]) {
      app.clock.advance(seconds * 1000);
      await load(app, `/t/${delayed.code}.gif`, AGENTS.outlook);
      await load(app, `/t/${usual.code}.gif`, AGENTS.outlook);
    }
    expect(await verdicts(delayed.id)).toEqual(['open machine', 'open machine', 'open human']);
    expect(await verdicts(usual.id)).toEqual(['open machine', 'open human', 'open human']);
  });

  it('make what was loaded before the send the writer\'s own, once the send is known', async () => {
    const draft = await app.call('POST', '/v1/email/draftTracking/create', { as: token, query: { draftId: 'early', ignoreNotFound: true }, body: { htmlText: 'x', tracking: { opens: true, trackOpensAfterSendDelay: 0 } } });
    await load(app, `/t/${draft.body.trackingCode}.gif`, AGENTS.chrome);
    expect(await verdicts(Number(draft.body.trackingId))).toEqual(['open unknown']);
    app.clock.advance(1000);
    await app.call('PATCH', '/v1/email/draftTracking/early/convert', { as: token, body: { messageId: 'm' } });
    expect(await verdicts(Number(draft.body.trackingId))).toEqual(['open self']);
  });

  it('can be made again from the stored events and come out the same', async () => {
    const message = await trackedMessage(app, token, { html: three, tracking: { links: true } });
    for (const link of message.links) await load(app, `/l/${link.code}`, AGENTS.chrome);
    await load(app, `/t/${message.code}.gif`, AGENTS.gmail);
    const before = await summary(message.id);
    await app.deps.db.updateTable('tracking_events').set({ verdict: null, reason: null, client: null }).where('tracking_id', '=', message.id).where('type', 'in', ['open', 'click']).execute();
    await app.deps.db.updateTable('tracking').set({ open_count: 99, click_count: 99, last_activity_at: null }).where('id', '=', message.id).execute();
    expect(await summary(message.id)).toEqual(before);
  });

  it('show in the metrics by verdict', async () => {
    expect(await app.deps.metrics.registry.metrics()).toMatch(/sundial_opens_total\{verdict="human"\} [1-9]/);
  });

  it('stand in one file only', () => {
    const source = readFileSync(join(import.meta.dirname, '../../server/features/tracking/judging.ts'), 'utf8');
    expect(source).not.toMatch(/verdict: '/);
  });
});
