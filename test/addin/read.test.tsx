import { act, screen, waitFor } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { fakeRead } from '../../addin/office/fake.ts';
import { openPane, press, Refusal, seen, type Asked, type Pane, type Routes } from '../support/pane.tsx';

const TRACKING = { id: 5, threadId: 'thread-1', inetMessageId: '<m1@playground.test>', subject: 'Offer', recipients: ['buyer@playground.test'], trackOpens: true, openCount: 1, sendDate: '2026-11-21T10:00:00Z' };
const page = (records: unknown[]) => ({ offset: 0, totalSize: records.length, done: true, records });
const RULE = { id: 3, name: 'Gentle nudge', actions: [{ intervalDays: 3 }] };
const sent: Routes = {
  'GET /v1/email/tracking': ({ query }: Asked) => page(query.get('internetMessageId') === '<m1@playground.test>' ? [TRACKING] : []),
  'GET /v1/email/tracking/{id}/events': page([
    { id: 1, eventType: 'initial', createdAt: '2026-11-21T10:00:00Z' },
    { id: 2, eventType: 'open', createdAt: '2026-11-21T10:02:00Z', verdict: 'proxy', client: 'Gmail', reason: 'Gmail’s proxy loads an image when its message is shown.' },
    { id: 3, eventType: 'open', createdAt: '2026-11-21T10:00:10Z', verdict: 'machine', client: 'a link scanner' },
  ]),
  'GET /v1/followup/conversations/{convoId}': { convoId: 'thread-1', status: 'active', rule: RULE, nextAt: '2026-11-24T09:10:00Z' },
};

describe('a message that was sent', () => {
  it('shows what became of it, why it is thought so, and what was not counted', async () => {
    openPane(sent, { item: fakeRead() });
    await seen(/^Probably opened,/);
    await seen('Gmail hides where');
    await press('button', 'Why?');
    await seen(/Gmail’s proxy loads an image/);
    expect(screen.queryByText('Checked by a filter')).toBeNull();
    await press('button', /1 not counted/);
    await seen('Checked by a filter');
  });

  it('shows the follow-up that went out, as soon as the stream tells of it', async () => {
    let tell = (_text: string): void => {};
    const stream = () => new Response(new ReadableStream({ start: (c) => { tell = (text) => c.enqueue(new TextEncoder().encode(text)); } }));
    const pane = openPane({ ...sent, 'GET /v1/email/tracking/stream': stream }, { item: fakeRead() });
    await seen(/^Next: Tue 24 Nov/);
    expect(screen.queryByText('Follow-up sent')).toBeNull();
    pane.routes['GET /v1/followup/conversations/{convoId}'] = {
      convoId: 'thread-1', status: 'finished', stopReason: 'completed', rule: RULE, steps: [{ num: 1, state: 'sent', sentAt: '2026-11-24T09:10:00Z', internetMessageId: '<s1@playground.test>' }],
    };
    tell('id: 9\nevent: FollowUpChanged\ndata: {"reason":"stepSent"}\n\n');
    await seen('Follow-up sent');
  });

  it.each([
    ['2026-11-21T10:12:00Z', '10 min ago', /^(19:00|07:00 PM)$/],
    ['2026-11-24T10:12:00Z', /^Sat 21 Nov, (19:02|07:02 PM)$/, /^Sat 21 Nov, (19:00|07:00 PM)$/],
  ])('shows times in the account’s zone, and by the clock that the playground has moved to %s', async (now, opened, sentAt) => {
    openPane({ ...sent, 'GET /v1/followup/config': { timezone: 'Asia/Tokyo' }, 'GET /playground/api/clock': { now } }, { item: fakeRead() });
    const heading = await screen.findByRole('heading', { name: /^Probably opened,/ });
    await waitFor(() => expect(heading.querySelector('time')?.textContent).toMatch(opened));
    await seen(sentAt);
  });

  it('tells the server that its sender looks at it, so that the own view is no open', async () => {
    const pane = openPane(sent, { item: fakeRead() });
    await waitFor(() => expect(pane.to('POST /v1/email/tracking/viewing').map((r) => r.body)).toEqual([{ internetMessageId: '<m1@playground.test>' }]));
  });

  it('lets the next step be skipped, changed and stopped, and started again', async () => {
    const pane = openPane({
      ...sent,
      'PUT /v1/followup/conversations/{convoId}': ({ body }: Asked) => ({ convoId: 'thread-1', rule: RULE, ...((body as { status?: string }).status === 'disabled' ? { status: 'disabled', stopReason: 'stopped' } : { status: 'active', nextAt: '2026-11-25T09:10:00Z' }) }),
    }, { item: fakeRead() });
    await seen(/^Next: Tue 24 Nov/);
    await press('button', 'Skip step');
    await seen(/^Next: Wed 25 Nov/);
    await press('button', 'Stop');
    await seen('Stopped by you.');
    await press('button', 'Start again');
    expect(pane.to('PUT /v1/followup/conversations/{convoId}').map((r) => r.body)).toEqual([{ skipStep: true }, { status: 'disabled' }, { status: 'active', restart: true }]);
  });

  it.each([
    [{ status: 'finished', stopReason: 'answered', dripResponder: 'buyer@playground.test' }, 'Stopped: buyer@playground.test answered.'],
    [{ status: 'active', pausedUntil: '2026-12-02T09:00:00Z', nextAt: '2026-12-02T09:00:00Z' }, 'Paused: away until Wed 2 Dec.'],
    [{ status: 'ruleIncomplete', missing: ['company'] }, 'Not sent: company missing.'],
    [{ status: 'failed', stopReason: 'inDoubt' }, /may have arrived. Nothing more was sent/],
    [{ status: 'finished', stopReason: 'bounced' }, 'Stopped: the mail bounced.'],
  ])('says how its follow-up stands: %j', async (part, text) => {
    openPane({ ...sent, 'GET /v1/followup/conversations/{convoId}': { convoId: 'thread-1', rule: RULE, ...part } }, { item: fakeRead() });
    await seen(text);
  });

  it('looks for a tracked message that the server has not seen leave yet', async () => {
    let found = false;
    const pane = openPane({ ...sent, 'GET /v1/email/tracking': ({ query }: Asked) => page(found && query.get('trackingCode') === 'code-1' ? [TRACKING] : []) },
      { item: fakeRead({ properties: { sundial: '{"code":"code-1","draftId":"pane-1"}' } }) });
    await seen('Looking for the sent message…');
    found = true;
    await seen(/^Probably opened,/);
    expect(pane.to('GET /v1/email/tracking').some((r) => r.query.get('trackingCode') === 'code-1')).toBe(true);
  });

  const stored = { sundial: JSON.stringify({ code: 'code-1', draftId: 'd', opens: true, replies: true, links: false, append: '', report: 'token-1' }) };
  const told = { reportToken: 'token-1', internetMessageId: '<m1@playground.test>', subject: 'Offer', recipients: ['buyer@playground.test'], sentAt: '2026-11-21T10:00:00.000Z' };

  it('tells the server which message it is, where only Outlook’s event reported it', async () => {
    const pane = openPane({ ...sent, 'GET /v1/email/tracking': page([{ ...TRACKING, inetMessageId: undefined }]) }, { item: fakeRead({ properties: stored }) });
    await seen(/^Probably opened,/);
    await waitFor(() => expect(pane.to('POST /v1/email/tracking/sent').map((r) => r.body)).toEqual([told]));
  });

  it('tells the server that it was sent, where nobody else does within ten seconds', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    try {
      const pane: Pane = openPane({
        ...sent,
        'GET /v1/email/tracking': () => page(pane.to('POST /v1/email/tracking/sent').length ? [TRACKING] : []),
      }, { item: fakeRead({ properties: stored }) });
      await seen('Looking for the sent message…');
      expect(pane.to('POST /v1/email/tracking/sent')).toEqual([]);
      await act(() => vi.advanceTimersByTimeAsync(10_000));
      await seen(/^Probably opened,/);
      expect(pane.to('POST /v1/email/tracking/sent').map((r) => r.body)).toEqual([told]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('offers a follow-up where nothing was tracked', async () => {
    openPane({ 'GET /v1/followup/conversations/{convoId}': { convoId: 'thread-1', status: 'disabled' } }, { item: fakeRead() });
    await seen('Not tracked.');
    await screen.findByRole('button', { name: 'Start a follow-up' });
  });

  it('says that nothing was sent when the server fails, and tries again', async () => {
    const pane = openPane({ ...sent, 'GET /v1/email/tracking/{id}/events': new Refusal(400, 'request.invalid', 'wrong') }, { item: fakeRead() });
    await seen('wrong');
    pane.routes['GET /v1/email/tracking/{id}/events'] = page([]);
    expect(screen.getByRole('alert')).toBeTruthy();
  });
});

describe('a message that was received', () => {
  const from = { displayName: 'Bea', emailAddress: 'buyer@playground.test' };
  const template = { id: 9, name: 'Thanks', templateBody: '<p>Thank you</p>' };

  it('says how the conversation stands', async () => {
    openPane({ 'GET /v1/followup/conversations/{convoId}': { convoId: 'thread-1', status: 'finished', rule: RULE, stopReason: 'answered', dripResponder: 'Bea' } }, { item: fakeRead({ from }) });
    await seen('Your follow-up. Stopped: Bea answered.');
  });

  it('says nothing of the conversation while that could not be read', async () => {
    openPane({ 'GET /v1/followup/conversations/{convoId}': new Refusal(500, 'internal', 'Something failed.') }, { item: fakeRead({ from }) });
    await seen(/Something failed on the server/);
    expect(screen.queryByText('No follow-up runs in this conversation.')).toBeNull();
  });

  it('is answered with a template in a reply that Outlook opens; nothing is sent', async () => {
    const item = fakeRead({ from });
    openPane({
      'GET /v1/followup/conversations/{convoId}': new Refusal(404, 'notFound'), 'GET /v1/followup/rules': page([template]),
      'POST /v1/followup/preview': { targets: [], steps: [], missing: [], timezone: 'Europe/Berlin', template: { html: '<p>Thank you</p>', missing: [] } },
    }, { item });
    await press('button', 'Reply with template');
    await press('button', 'Thanks');
    await press('button', 'Open the reply');
    await waitFor(() => expect(item.replies).toEqual(['<p>Thank you</p>']));
  });
});

describe('the chosen item', () => {
  it('may be none, for which there is one text and a way to the activity', async () => {
    openPane({}, { item: null });
    await seen('Choose one message.');
    await press('button', 'Show activity');
    await seen('Nothing yet. Turn on tracking in a new message.');
  });

  it('changes the screen when it changes', async () => {
    const { office } = openPane({}, { item: null });
    await seen('Choose one message.');
    await act(async () => office.select(fakeRead({ from: { displayName: 'Bea', emailAddress: 'b@x.test' } })));
    await seen('From Bea');
  });
});

describe('without a connection', () => {
  it('says from when what is shown is, and reads again on request', async () => {
    const pane = openPane(sent, { item: fakeRead() });
    await seen(/^Probably opened,/);
    await act(async () => { window.dispatchEvent(new Event('offline')); });
    await seen(/^No connection. As of/);
    const before = pane.to('GET /v1/email/tracking').length;
    await press('button', 'Retry');
    await waitFor(() => expect(pane.to('GET /v1/email/tracking').length).toBeGreaterThan(before));
    await act(async () => { window.dispatchEvent(new Event('online')); });
    await waitFor(() => expect(screen.queryByRole('button', { name: 'Retry' })).toBeNull());
  });
});

describe('activity', () => {
  const routes: Routes = {
    'GET /v1/email/tracking': page([
      { ...TRACKING, lastEvent: { id: 12, eventType: 'open', createdAt: '2026-11-21T10:02:00Z', verdict: 'human' } },
      { ...TRACKING, id: 6, threadId: 't2', subject: 'Second', recipients: ['b@x.test'], openCount: 0, lastRespondedTime: '2026-11-21T11:00:00Z', lastEvent: { id: 13, eventType: 'reply', createdAt: '2026-11-21T11:00:00Z' } },
      { ...TRACKING, id: 7, threadId: 't3', subject: 'Third', recipients: ['c@x.test'], openCount: 0 },
    ]),
    'GET /v1/followup/conversations': page([{ convoId: 't3', status: 'active', rule: RULE, nextAt: '2026-11-24T09:10:00Z' }]),
  };

  it('counts news on the tab until they are looked at', async () => {
    openPane(routes);
    expect(await screen.findAllByLabelText('2 new', {}, { timeout: 4000 })).not.toEqual([]);
    await press('tab', /Activity/);
    await seen('Second');
    await waitFor(() => expect(screen.queryAllByLabelText('2 new')).toEqual([]));
  });

  it('filters by what it means for the person', async () => {
    openPane(routes);
    await press('tab', /Activity/);
    await press('button', /Needs you 1/);
    await seen('Second');
    expect(screen.queryByText('Third')).toBeNull();
    await press('button', /Waiting 1/);
    await seen('Third');
    await seen(/Follow-up Tue 24 Nov/);
  });

  it('opens the timeline of a row', async () => {
    openPane({ ...sent, ...routes });
    await press('tab', /Activity/);
    await press('button', /Offer/);
    await seen('Gmail hides where');
  });
});
