import type { Browser, BrowserContext, FrameLocator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { playgroundOf } from '../../server/playground/state.ts';
import { launchChromium } from '../support/chromium.ts';
import { deliverRaw } from '../support/mail.ts';
import { startPlaygroundServer, type RunningPlayground } from '../support/playground.ts';
import { CORPUS, hostileTexts, script, wholeBody } from '../support/xss-corpus.ts';
import { detectXss, unfit, type Detector } from '../support/xss-detector.ts';

/** Hostile mail and text in every place that shows somebody else's words, in a real browser: nothing of it runs, loads or leaves. */
const YOU = 'you@playground.test';
const BUYER = 'buyer@playground.test';
const BATCH = 24;

let server: RunningPlayground;
let browser: Browser;
let context: BrowserContext;
let detector: Detector;
let you: Page;
let buyer: Page;
let token: string;
let clientId: string;
let pane: FrameLocator;

beforeAll(async () => {
  expect(CORPUS.length).toBeGreaterThanOrEqual(60);
  server = await startPlaygroundServer();
  browser = await launchChromium();
  context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
  context.setDefaultTimeout(20_000);
  detector = detectXss(context, server.url);
  you = await context.newPage();
  buyer = await context.newPage();
  await you.goto(server.url);
  await buyer.goto(`${server.url}/?as=buyer`);
  await row(you, 'Your product: three questions').waitFor();
  pane = you.frameLocator('aside.pane:not([hidden]) iframe');
  const opened = context.waitForEvent('page');
  await pane.getByRole('button', { name: 'Sign in' }).click();
  await (await opened).getByRole('button', { name: 'Link these accounts' }).click();
  await pane.getByRole('tab', { name: /Message/ }).waitFor();
  ({ token, clientId } = await you.evaluate(async () => {
    const session = await (await fetch('/playground/api/session')).json() as { clientId: string; mailboxes: { you: { token: string } } };
    return { token: session.mailboxes.you.token, clientId: session.clientId };
  }));
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});
afterEach(async () => {
  await you?.waitForTimeout(300);
  expect(await detector.found()).toEqual([]);
});

function row(page: Page, subject: string) {
  return page.locator('.row').filter({ has: page.locator('.row-subject').getByText(subject, { exact: true }) });
}

const call = async (method: string, path: string, body?: unknown): Promise<{ status: number; body: Record<string, unknown> }> => {
  const response = await fetch(`${server.url}${path}`, { method, headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  return { status: response.status, body: await response.json() as Record<string, unknown> };
};

async function deliver(name: string, raw: string | Buffer, from = '"A Stranger" <stranger@elsewhere.test>'): Promise<void> {
  const head = `From: ${from}\r\nTo: ${YOU}, ${BUYER}\r\nDate: ${new Date().toUTCString()}\r\nMessage-ID: <${encodeURIComponent(name).replaceAll(/[^\w]/g, '')}${Math.random()}@elsewhere.test>\r\n`;
  const bytes = Buffer.concat([Buffer.from(head), typeof raw === 'string' ? Buffer.from(raw.replace(/\r?\n/g, '\r\n')) : raw]);
  await deliverRaw({ smtpPort: playgroundOf(server.sundial.deps).smtpPort }, [YOU, BUYER], bytes);
}

/** Opens the message in the window and answers what stands in its frame that should not. */
async function read(page: Page, subject: string): Promise<string[]> {
  await row(page, subject).first().click();
  await page.locator('article.reading h2').getByText(subject, { exact: true }).waitFor();
  const body = page.frameLocator('iframe.body').locator('body');
  await body.waitFor({ state: 'attached' });
  return body.evaluate(unfit);
}

/** As the buyer, who then begins an answer: the quote is in the page itself, in an editor. */
async function readAndQuote(subject: string): Promise<string[]> {
  const shown = await read(buyer, subject);
  await buyer.getByRole('article').getByRole('button', { name: 'Reply', exact: true }).click();
  const editor = buyer.getByRole('textbox', { name: 'Message body' });
  await editor.waitFor();
  const quoted = await editor.evaluate(unfit);
  await buyer.getByRole('button', { name: 'Discard' }).click();
  return [...shown, ...quoted.map((problem) => `quoted ${problem}`)];
}

describe('the detector', () => {
  it('notices a script that does run, in each of its ways', async () => {
    const control = await browser.newContext();
    const eye = detectXss(control, 'http://control.test');
    await control.route('http://control.test/**', (route) => route.fulfill({ contentType: 'text/html', body: `<p>x</p><iframe srcdoc="<script>${script('inner').replaceAll('"', '&quot;')}</script>"></iframe><script>${script('outer')}</script><img src="http://elsewhere.test/x">` }));
    const page = await control.newPage();
    await page.goto('http://control.test/');
    await page.waitForTimeout(500);
    const found = (await eye.found()).join('\n');
    for (const sign of ['dialog outer', 'dialog inner', 'console xss-outer', 'console xss-inner', 'mark ', 'request https://canary.test/ran/outer', 'request http://elsewhere.test/x']) expect(found).toContain(sign);
    await page.evaluate(() => window.open('http://leaving.test/'));
    await page.waitForTimeout(300);
    expect((await eye.found()).join()).toContain('leaving.test');
    await control.close();
  });

  it('knows what is unfit for a message', async () => {
    const page = await context.newPage();
    await page.goto(`${server.url}/healthz`);
    const problems = await page.evaluate(`(() => { ${unfit.toString()}; const d = new DOMParser().parseFromString('<p onclick=1 id=a>a<svg></svg><script></script><a href="javascript:1">a</a><img src="https://x/"><b style="background:url(x)">b</b>', 'text/html'); return unfit(d.body); })()`) as string[];
    expect(problems.length).toBeGreaterThanOrEqual(7);
    await page.close();
  });
});

describe('mail that came by SMTP', () => {
  for (let at = 0; at < CORPUS.length; at += BATCH) {
    const batch = CORPUS.slice(at, at + BATCH);
    it(`runs nothing in either window, nor in the quote of an answer: ${batch[0]!.name} … ${batch.at(-1)!.name}`, async () => {
      for (const { name, raw } of batch) await deliver(name, raw);
      for (const page of [you, buyer]) await row(page, batch.at(-1)!.name).first().waitFor();
      const bad: string[] = [];
      for (const { name } of batch) {
        const [yours, theirs] = await Promise.all([read(you, name), readAndQuote(name)]);
        bad.push(...[...yours, ...theirs].map((problem) => `${name}: ${problem}`));
        bad.push(...(await detector.found()).map((f) => `${name}: ${f}`));
      }
      expect(bad).toEqual([]);
      const { records } = (await call('GET', '/v1/email/messages?q=in:inbox&limit=100')).body as { records: { id: string; subject?: string }[] };
      for (const { id, subject } of records) if (batch.some((m) => m.name === subject)) await call('DELETE', `/v1/email/messages/${id}`);
    }, 600_000);
  }

  it('runs nothing from its subject, its sender\'s and recipients\' names and its attachments\' names, in list, reading pane and task pane', async () => {
    const texts = hostileTexts('header');
    const word = (text: string): string => `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`;
    for (const [i, text] of texts.entries()) {
      await deliver(`h${i}`, `Subject: ${word(`head ${i} ${text}`)}\nCc: ${word(text)} <c@d.test>\nMIME-Version: 1.0\nContent-Type: text/html\n\n<p>harmless words</p>`, `${word(text)} <"${'x'.repeat(i + 1)}"@elsewhere.test>`);
    }
    for (const page of [you, buyer]) {
      for (const i of texts.keys()) {
        await page.locator('.row', { hasText: `head ${i} ` }).first().click();
        await page.locator('article.reading h2', { hasText: `head ${i} ` }).waitFor();
        await page.frameLocator('iframe.body').getByText('harmless words').waitFor();
        expect(await page.locator('article.reading header').locator('script, svg:not(.icon), img, [onerror], [onclick], a[href^=javascript]').count()).toBe(0);
      }
    }
    await pane.getByRole('tab', { name: /Message/ }).waitFor();
  });
});

/** The pane shows its previews as they are, in frames that may do nothing. */
async function expectPreview(): Promise<void> {
  const frame = pane.locator('iframe').first();
  await frame.waitFor();
  expect(await frame.getAttribute('sandbox')).toBe('');
  expect(await frame.getAttribute('srcdoc')).toContain('harmless words');
  await you.waitForTimeout(500);
  expect(await detector.found()).toEqual([]);
}

describe('what an account keeps', () => {
  it('of templates and steps runs nothing in the list, the editor, the preview and the message it is put into', async () => {
    const name = hostileTexts('rule-name')[0]!;
    const made = await call('POST', '/v1/followup/rules', { name: `Rule ${name}`, templateSubject: hostileTexts('rule-subject')[1], templateBody: wholeBody('template'), actions: [{ intervalDays: 1, message: wholeBody('step') }] });
    expect([made.status, made.body]).toMatchObject([200, {}]);
    const plain = await call('POST', '/v1/followup/rules', { name: `Plain ${name}`, templateSubject: hostileTexts('rule-subject')[0], templateBody: wholeBody('plain') });
    expect(plain.status).toBe(200);
    await you.locator('.row').first().click();
    await pane.getByRole('tab', { name: /Settings/ }).click();
    await pane.getByRole('button', { name: /Templates and sequences/ }).click();
    for (const kind of ['Rule ', 'Plain ']) {
      await pane.getByRole('button', { name: new RegExp(`^${kind}`) }).click();
      const editor = pane.getByRole('textbox', { name: /^(Body|Text)/ }).first();
      await editor.getByText('harmless words').first().waitFor();
      expect(await editor.evaluate(unfit)).toEqual([]);
      await pane.getByRole('button', { name: 'Preview', exact: true }).first().click();
      await expectPreview();
      await pane.getByRole('button', { name: /^Back/ }).first().click();
    }
    await pane.getByRole('tab', { name: /Message/ }).click();
    await you.getByRole('button', { name: 'New mail' }).click();
    await you.getByLabel('To', { exact: true }).fill(BUYER);
    await pane.getByRole('button', { name: /^(Insert )?[Tt]emplate/ }).first().click();
    await pane.getByRole('button', { name: /^Plain / }).click();
    await expectPreview();
    for (const field of await pane.getByRole('textbox').all()) await field.fill(hostileTexts('variable')[0]!);
    await pane.getByRole('button', { name: 'Insert', exact: true }).click();
    const written = you.getByRole('textbox', { name: 'Message body' });
    await written.getByText('harmless words').first().waitFor();
    await you.waitForTimeout(300);
    expect((await written.evaluate(unfit)).filter((p) => !/^img src=/.test(p))).toEqual([]);
    await you.getByRole('button', { name: 'Discard' }).click();
  });

  it('of tracked mail runs nothing in the activity list and its details', async () => {
    for (const [i, text] of hostileTexts('activity').entries()) {
      const sent = await call('POST', '/v1/email/messages', { subject: `act ${i} ${text}`, body: '<p>x</p>', to: [{ address: BUYER, name: text }], tracking: { opens: true, threadReplies: true, context: text } });
      expect([text, sent.status < 300]).toEqual([text, true]);
    }
    await pane.getByRole('tab', { name: /Activity/ }).click();
    await pane.getByText('act 0 ').first().waitFor();
    expect(await pane.locator('[onerror], [onclick], a[href^=javascript]').count()).toBe(0);
    await pane.getByText('act 0 ').first().click();
    await you.waitForTimeout(500);
  });
});

describe('booking', () => {
  it('runs nothing of the host\'s texts on the public page, and nothing of a visitor\'s answers in mail, invitation and calendar', async () => {
    const [a, b, , , , javascript] = hostileTexts('booking') as [string, string, string, string, string, string];
    const made = await call('POST', '/v1/book/account/profiles', { name: 'hostile', subject: `Call ${a} {{topic}}`, description: `${b} {{topic}}`, location: javascript, startAfterMinutes: 60 });
    expect([made.status, made.body]).toMatchObject([200, {}]);
    const visitor = await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Berlin' });
    visitor.setDefaultTimeout(20_000);
    const eye = detectXss(visitor, server.url);
    const page = await visitor.newPage();
    await page.goto(`${server.url}/book/${clientId}/hostile`);
    await page.getByRole('button', { name: /^\d{1,2}:\d{2}/ }).first().click();
    const answer = hostileTexts('answer')[0]!;
    await page.getByLabel(/^Name/).fill(answer);
    await page.getByLabel(/^Email/).fill(BUYER);
    for (const field of await page.locator('form input:not([type=email]):not([name=name]), form textarea').all()) if (await field.isVisible()) await field.fill(answer);
    await page.getByRole('button', { name: /^Book / }).click();
    await page.getByText(/Add to calendar/).first().waitFor();
    await page.reload();
    await page.getByText(/Add to calendar/).first().waitFor();
    expect(await page.locator('a[href^=javascript], [onerror], [onload]').count()).toBe(0);
    expect(await eye.found()).toEqual([]);
    await visitor.close();

    await you.locator('button.folder', { hasText: 'Inbox' }).click();
    const note = you.locator('.row', { hasText: 'New booking' }).first();
    await note.click();
    await you.frameLocator('iframe.body').getByText('booked').first().waitFor();
    expect(await you.frameLocator('iframe.body').locator('body').evaluate(unfit)).toEqual([]);
    await buyer.reload();
    await buyer.locator('.row', { hasText: 'Booked: ' }).first().click();
    const invitation = buyer.frameLocator('iframe.body').locator('body');
    await invitation.getByText(/When/).first().waitFor();
    expect(await invitation.evaluate(unfit)).toEqual([]);
    await you.locator('button.folder', { hasText: 'Calendar' }).click();
    await you.locator('.calendar li', { hasText: 'Call' }).first().waitFor();
    expect(await you.locator('.calendar').locator('img, a, script').count()).toBe(0);
  });
});

describe('an address that somebody sends', () => {
  it('runs nothing of its parameters and paths, on any page', async () => {
    const page = await context.newPage();
    const texts = hostileTexts('address').slice(0, 5);
    const q = (names: string, text: string): string => names.split(' ').map((name) => `${name}=${encodeURIComponent(text)}`).join('&');
    const back = encodeURIComponent(`${server.url}/addin/auth-return.html`);
    for (const text of texts) {
      const e = encodeURIComponent(text);
      for (const path of [
        `/v1/auth/authorizeUser?clientId=${clientId}&serviceType=Hosted&accountRole=primary&returnUrl=${back}&${q('loginHint state mailboxInfo clientOrgId', text)}`,
        `/v1/auth/authorizeUser?clientId=${clientId}&serviceType=Google&accountRole=primary&returnUrl=${back}&${q('loginHint state authEmail', text)}`,
        `/v1/auth/authorizeUser?accountRole=primary&${q('clientId serviceType returnUrl', text)}`,
        `/addin/auth-return.html?${q('status code state error errorMessage', text)}`,
        `/addin/taskpane.html?host=playground&${q('item page', text)}`, `/?${q('as', text)}`,
        `/o/${e}`, `/l/${e}`, `/book/${e}/${e}`, `/book/${clientId}/hostile#reservation=${e}`, `/${e}`, `/v1/${e}?x=${e}`,
      ]) {
        const answer = await page.goto(`${server.url}${path}`, { waitUntil: 'domcontentloaded' });
        expect([path, (answer?.status() ?? 200) < 500]).toEqual([path, true]);
        expect([path, await detector.found()]).toEqual([path, []]);
      }
    }
    await page.goto(`${server.url}/docs?url=https://canary.test/openapi.json&configUrl=https://canary.test/config.json&oauth2RedirectUrl=javascript:alert(1)`);
    await page.waitForTimeout(1000);
    await page.close();
  }, 600_000);

  it('runs nothing of the state when a flow ends by a message to its opener', async () => {
    for (const state of hostileTexts('state').slice(0, 5)) {
      const page = await context.newPage();
      await page.goto(`${server.url}/v1/auth/authorizeUser?clientId=${clientId}&serviceType=Hosted&accountRole=primary&state=${encodeURIComponent(state)}`);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'Done' }).waitFor();
      expect(await detector.found()).toEqual([]);
      await page.close();
    }
  });
});
