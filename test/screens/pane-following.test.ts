import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Asked } from '../support/answers.ts';
import { EVENTS, FULL, page as paged, tracking, conversation } from '../support/screens/pane-data.ts';
import { openPanePages, type PaneOptions, type PanePage, type PanePages } from '../support/screens/pane-page.ts';
import { press, tab } from '../support/screens/screen.ts';

/** A pinned pane: messages are chosen one after the other while the answers about the last ones are still on their way. */
let pages: PanePages;
let pane: PanePage | undefined;
beforeAll(async () => {
  pages = await openPanePages();
});
afterAll(async () => {
  await pages?.close();
});
afterEach(async () => {
  expect(pane?.problems).toEqual([]);
  await pane?.close();
});

const message = (name: string) => ({ kind: 'read', subject: name, internetMessageId: `<${name}@x>`, conversationId: `thread-${name}` } as const);
const RECEIVED = { ...message('R'), from: { displayName: 'Bea Buyer', emailAddress: 'buyer@playground.test' }, to: [] };

/** Answers about a message wait until the test lets them go. */
function held() {
  const waiting = new Map<string, () => void>();
  const about = (request: Asked) => /<(\w+)@x>/.exec(request.query.get('internetMessageId') ?? '')?.[1] ?? '';
  return {
    waiting,
    release: (name: string) => waiting.get(name)?.(),
    routes: {
      ...FULL,
      'GET /v1/email/tracking': async (request: Asked) => {
        const name = about(request);
        if (name) await new Promise<void>((resolve) => void waiting.set(name, resolve));
        return paged([tracking({ id: name.codePointAt(0) ?? 1, subject: name, threadId: `thread-${name}`, recipients: [`${name}@company.test`] })]);
      },
      'GET /v1/email/tracking/{id}/events': paged(EVENTS),
      'GET /v1/followup/conversations/{convoId}': (request: Asked) => conversation({ convoId: request.path.split('/').at(-1)! }),
    },
  };
}

/** Long enough for an answer that was let go to be shown, were it not dropped. */
const settled = (page: PanePage['page']): Promise<void> => page.waitForTimeout(300);
const open = async (options: PaneOptions): Promise<PanePage> => {
  pane = await pages.open(options);
  return pane;
};

describe('a pinned pane', () => {
  it('shows the chosen message although the answers about the one before come later', async () => {
    const answers = held();
    const { page, select } = await open({ item: message('A'), routes: answers.routes });
    await expect.poll(() => answers.waiting.has('A')).toBe(true);
    await select(message('B'));
    await expect.poll(() => answers.waiting.has('B')).toBe(true);
    answers.release('B');
    await page.getByText('Sent to B@company.test').waitFor();
    answers.release('A');
    await page.waitForTimeout(300);
    expect(await page.getByText('B@company.test').count()).toBeGreaterThan(0);
    expect(await page.getByText('A@company.test').count()).toBe(0);
  });

  it('shows nothing of the message before while the next one is asked for', async () => {
    const answers = held();
    const { page, select } = await open({ item: message('A'), routes: answers.routes });
    await expect.poll(() => answers.waiting.has('A')).toBe(true);
    answers.release('A');
    await page.getByText('Sent to A@company.test').waitFor();
    await select(message('B'));
    await page.getByText('A@company.test').first().waitFor({ state: 'detached' });
    await select(null);
    await page.getByText('Choose one message.').waitFor();
    answers.release('B');
    await page.waitForTimeout(300);
    expect(await page.getByText('B@company.test').count()).toBe(0);
    expect(await page.getByText('Choose one message.').isVisible()).toBe(true);
  });

  it('ends on the last of many messages, and calls off what was asked for the others', async () => {
    const answers = held();
    const { page, select } = await open({ item: message('A'), routes: answers.routes });
    const failed: string[] = [];
    page.on('requestfailed', (request) => failed.push(request.url()));
    for (const name of 'BCDEFGHIJKLM') {
      await select(message(name));
      await expect.poll(() => answers.waiting.has(name)).toBe(true);
    }
    for (const name of 'MLKJIHGFEDCBA') answers.release(name);
    await page.getByText('Sent to M@company.test').waitFor();
    await page.waitForTimeout(300);
    expect(await page.getByText(/Sent to/).allTextContents()).toEqual(['Sent to M@company.test']);
    expect(failed.length).toBeGreaterThanOrEqual(10);
  });

  it('goes from a sent message to a received one, to a draft, to a meeting, to nothing', async () => {
    const { page, select } = await open({ item: message('A'), routes: FULL });
    await page.getByRole('heading', { name: /^Probably opened/ }).waitFor();
    await select(RECEIVED);
    await page.getByRole('button', { name: 'Reply with template' }).waitFor();
    await select({ kind: 'compose', subject: 'Draft' });
    await page.getByRole('switch', { name: 'Track this message: Off' }).waitFor();
    await select({ ...message('M'), itemType: 'appointment' });
    await page.getByText(/meeting/).waitFor();
    await select(null);
    await page.getByText('Choose one message.').waitFor();
  });

  it('tracks no other message than the one whose switch was pressed', async () => {
    let release = () => {};
    const routes = { ...FULL, 'POST /v1/email/draftTracking/create': async () => {
      await new Promise<void>((resolve) => void (release = resolve));
      return FULL['POST /v1/email/draftTracking/create'];
    } };
    const { page, select, asked } = await open({ item: { kind: 'compose', subject: 'One' }, routes });
    await page.getByRole('switch').click();
    await expect.poll(() => asked.some((r) => r.path.endsWith('/create'))).toBe(true);
    await select({ kind: 'compose', subject: 'Two', composeType: 'reply' });
    await page.getByRole('switch', { name: 'Track this message: Off' }).waitFor();
    release();
    await page.waitForTimeout(300);
    const two = await page.evaluate(() => ({ ...outlook.item }) as unknown as Record<string, unknown>);
    expect(two).toMatchObject({ subject: 'Two', appended: null, headers: {}, infoBar: {}, properties: {} });
    expect(await page.getByRole('switch').getAttribute('aria-checked') ?? await page.getByRole('switch').isChecked()).toBeFalsy();
  });

  describe('drops what comes late for the message before, in every section', () => {
    /** An operation whose answer waits until it is let go; counts how often it was asked. */
    const holding = (key: string, answer: unknown) => {
      const gate = { asked: 0, release: () => {} };
      return { gate, routes: { ...FULL, [key]: async () => {
        gate.asked += 1;
        await new Promise<void>((resolve) => void (gate.release = resolve));
        return answer;
      } } };
    };
    const draft = (subject: string) => ({ kind: 'compose', subject, to: [{ displayName: 'Bea', emailAddress: 'buyer@playground.test' }] }) as const;
    const asDraft = (subject: string) => ({ ...draft(subject), to: [...draft(subject).to] });
    const untouched = { subject: 'Two', inserted: [], appended: null, headers: {}, properties: {}, infoBar: {} };
    const itemOf = (page: PanePage['page']) => page.evaluate(() => ({ ...outlook.item }) as unknown as Record<string, unknown>);

    it('a template’s preview', async () => {
      const { gate, routes } = holding('POST /v1/followup/preview', FULL['POST /v1/followup/preview']);
      const { page, select } = await open({ item: asDraft('One'), routes });
      await press(page, 'Template');
      await press(page, /^Price list/);
      await expect.poll(() => gate.asked).toBe(1);
      await select(asDraft('Two'));
      await page.getByRole('switch', { name: 'Track this message: Off' }).waitFor();
      gate.release();
      await settled(page);
      expect(await page.getByRole('button', { name: 'Insert', exact: true }).count()).toBe(0);
      expect(await itemOf(page)).toMatchObject(untouched);
    });

    it('a chosen follow-up', async () => {
      const { gate, routes } = holding('PUT /v1/followup/drafts/{trackingCode}', { trackingCode: 'code-1', ruleId: 1 });
      const { page, select } = await open({ item: asDraft('One'), routes });
      await press(page, 'Choose');
      await press(page, 'Use follow-up');
      await expect.poll(() => gate.asked).toBe(1);
      await select(asDraft('Two'));
      await page.getByText('Follow-up: None').waitFor();
      gate.release();
      await settled(page);
      expect(await page.getByText('Follow-up: None').isVisible()).toBe(true);
      expect(await itemOf(page)).toMatchObject(untouched);
    });

    it('held times', async () => {
      const { gate, routes } = holding('POST /v1/book/account/profiles/{id}/meeting', { created: true, rescheduleToken: 'token-1' });
      const { page, select } = await open({ item: asDraft('One'), routes });
      await press(page, 'Times');
      await page.getByRole('checkbox', { name: /^Hold/ }).click();
      await press(page, 'Insert 3 times');
      for (let n = 1; n <= 3; n += 1) {
        await expect.poll(() => gate.asked).toBe(n);
        if (n === 3) await select(asDraft('Two'));
        gate.release();
      }
      await page.getByRole('switch', { name: 'Track this message: Off' }).waitFor();
      await settled(page);
      expect(await itemOf(page)).toMatchObject(untouched);
    });

    it('a reply with a template', async () => {
      const { gate, routes } = holding('POST /v1/followup/preview', FULL['POST /v1/followup/preview']);
      const { page, select } = await open({ item: RECEIVED, routes });
      await press(page, 'Reply with template');
      await press(page, /^Price list/);
      await expect.poll(() => gate.asked).toBe(1);
      await select({ ...RECEIVED, subject: 'Two', conversationId: 'thread-2', to: [] });
      await page.getByRole('button', { name: 'Reply with template' }).waitFor();
      gate.release();
      await settled(page);
      expect(await page.getByRole('button', { name: 'Open the reply' }).count()).toBe(0);
      expect(await itemOf(page)).toMatchObject({ subject: 'Two', replies: [] });
    });

    it('a follow-up that was stopped', async () => {
      const { gate, routes } = holding('PUT /v1/followup/conversations/{convoId}', conversation({ convoId: 'thread-A', status: 'disabled', stopReason: 'stopped' }));
      const answers = held();
      const { page, select } = await open({ item: message('A'), routes: { ...answers.routes, 'PUT /v1/followup/conversations/{convoId}': routes['PUT /v1/followup/conversations/{convoId}'] } });
      await expect.poll(() => answers.waiting.has('A')).toBe(true);
      answers.release('A');
      await press(page, 'Stop');
      await expect.poll(() => gate.asked).toBe(1);
      await select(message('B'));
      await expect.poll(() => answers.waiting.has('B')).toBe(true);
      answers.release('B');
      await page.getByText('Next: Fri 27 Nov, 09:10').waitFor();
      gate.release();
      await settled(page);
      expect(await page.getByText('Stopped by you.').count()).toBe(0);
    });

    it('on a phone', async () => {
      const answers = held();
      const { page, select } = await open({ item: message('A'), routes: answers.routes, platform: 'iOS', mailboxSet: 5 });
      await expect.poll(() => answers.waiting.has('A')).toBe(true);
      await select(message('B'));
      await expect.poll(() => answers.waiting.has('B')).toBe(true);
      answers.release('B');
      await page.getByText('Sent to B@company.test').waitFor();
      answers.release('A');
      await settled(page);
      expect(await page.getByText('A@company.test').count()).toBe(0);
    });
  });

  it.each([['the list', []], ['a row', [/Our product for your team/]], ['the charts', ['Charts', '7 days']]] as const)('leaves Activity as it is when another message is chosen: %s', async (_, presses) => {
    const { page, select } = await open({ item: message('A'), routes: { ...FULL, 'GET /v1/email/tracking': paged([tracking()]) } });
    await tab(page, 'Activity');
    for (const name of presses) await press(page, name);
    const panel = page.getByRole('tabpanel');
    await page.waitForTimeout(500);
    const before = await panel.innerText();
    expect(before).not.toBe('');
    await select(message('B'));
    await select({ kind: 'compose', subject: 'Draft' });
    await select(null);
    await settled(page);
    expect(await panel.innerText()).toBe(before);
  });

  it('leaves a half-filled form alone when another message is chosen', async () => {
    const { page, select } = await open({ item: message('A'), routes: FULL });
    await tab(page, 'Settings');
    await press(page, 'Templates and sequences');
    await press(page, /^Price list/);
    await page.getByLabel('Name').first().fill('Half a na');
    await select(message('B'));
    await select(null);
    await page.waitForTimeout(200);
    expect(await page.getByLabel('Name').first().inputValue()).toBe('Half a na');
    expect(await page.evaluate(() => (document.activeElement as HTMLInputElement).value)).toBe('Half a na');
  });

  it('takes the focus from nobody: not when a message is chosen, not when its answers come', async () => {
    const answers = held();
    const { page, select } = await open({ item: message('A'), routes: answers.routes });
    await page.getByRole('tab', { name: 'Message' }).focus();
    await select(message('B'));
    await expect.poll(() => answers.waiting.has('B')).toBe(true);
    answers.release('B');
    await page.getByText('Sent to B@company.test').waitFor();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('tab-message');
  });

  it('says in its status region that there is no connection, offers Retry, and says when it is back', async () => {
    const { page } = await open({ item: message('A'), routes: FULL });
    await page.getByRole('heading', { name: /^Probably opened/ }).waitFor();
    await page.context().setOffline(true);
    await page.getByText(/No connection\. As of 14:0/).waitFor();
    await expect.poll(() => page.getByRole('status').textContent()).toBe('No connection.');
    await page.getByRole('button', { name: 'Retry' }).waitFor();
    // What was there stays.
    expect(await page.getByRole('heading', { name: /^Probably opened/ }).isVisible()).toBe(true);
    await page.context().setOffline(false);
    await page.clock.fastForward(5000);
    await expect.poll(() => page.getByRole('status').textContent()).toBe('Connected again.');
    expect(await page.getByRole('button', { name: 'Retry' }).count()).toBe(0);
  });
});
