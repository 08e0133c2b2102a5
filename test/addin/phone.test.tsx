import { act, screen, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { fakeCompose, fakeRead, type FakeRead } from '../../addin/office/fake.ts';
import { openPane, press, seen, type Pane, type Routes } from '../support/pane.tsx';

/** Outlook on iOS and Android: reading only, Mailbox 1.5, and no way to open a reply. */
const RULE = { id: 3, name: 'Gentle nudge' };
const TRACKING = { id: 5, trackingCode: 'code-1', trackOpens: true, threadId: 'thread-1', recipients: ['buyer@playground.test'], openCount: 1 };
const EVENTS = [
  { id: 2, eventType: 'open', verdict: 'proxy', client: 'Gmail', reason: 'Gmail’s proxy', createdAt: '2026-11-21T14:02:00Z', trackingId: 5 },
  { id: 1, eventType: 'initial', createdAt: '2026-11-21T13:39:00Z', trackingId: 5 },
];
const page = (records: unknown[]) => ({ offset: 0, totalSize: records.length, done: true, records });
const tracked: Routes = { 'GET /v1/email/tracking': page([TRACKING]), 'GET /v1/email/tracking/{id}/events': page(EVENTS) };
const withFollowUp = (part: object): Routes => ({ ...tracked, 'GET /v1/followup/conversations/{convoId}': { convoId: 'thread-1', rule: RULE, ...part } });

const onPhone = (routes: Routes, item: FakeRead = fakeRead(), platform = 'iOS'): Pane => openPane(routes, { item, mailboxSet: 5, platform });
const received = () => fakeRead({ from: { displayName: 'Bea', emailAddress: 'bea@shop.test' } });
/** What changes something; the rows of the timeline only open and close. */
const actions = () => screen.queryAllByRole('button').map((b) => b.textContent ?? '').filter((name) => !/^Why\?|not counted|times$/.test(name));

describe('the pane on a phone', () => {
  it.each(['iOS', 'Android'])('on %s shows the timeline of a sent message and two actions, without tabs', async (platform) => {
    onPhone(withFollowUp({ status: 'active', nextAt: '2026-11-24T08:10:00Z' }), fakeRead(), platform);
    await seen(/^Probably opened,/);
    await seen(/^Sent to buyer/);
    await seen(/^Next: Tue 24 Nov/);
    expect(actions()).toEqual(['Skip step', 'Stop']);
    expect(screen.queryAllByRole('tab')).toEqual([]);
  });

  it.each([
    [{ status: 'active', pausedUntil: '2026-12-02T09:00:00Z' }, ['Resume', 'Stop']],
    [{ status: 'finished', stopReason: 'answered' }, ['Start again']],
    [{ status: 'ruleIncomplete', missing: ['company'] }, []],
    [{ status: 'disabled', rule: undefined }, []],
  ])('never offers more than two, and none that needs a form: %j', async (part, names) => {
    onPhone(withFollowUp(part));
    await seen(/^Follow-up/);
    expect(actions()).toEqual(names);
  });

  it.each([
    ['off', { 'GET /v1/email/tracking': page([]) }, 'Your organisation has switched tracking off.'],
    ['repliesOnly', { ...tracked, 'GET /v1/email/tracking': page([{ ...TRACKING, trackOpens: false }]), 'GET /v1/email/tracking/{id}/events': page(EVENTS.slice(-1)) }, 'Opens aren’t tracked here. Your organisation allows reply tracking only.'],
  ])('says why nothing is seen where the policy is %s', async (policy, routes, text) => {
    onPhone({ ...routes, 'GET /v1/email/tracking/policy': { policy } });
    await seen(text);
  });

  it('does what it offers', async () => {
    const { to } = onPhone({ ...withFollowUp({ status: 'active', nextAt: '2026-11-24T08:10:00Z' }), 'PUT /v1/followup/conversations/{convoId}': { convoId: 'thread-1', rule: RULE, status: 'disabled' } });
    await press('button', 'Stop');
    await seen('Stopped by you.');
    expect(to('PUT /v1/followup/conversations/{convoId}')[0]!.body).toEqual({ status: 'disabled' });
    expect(actions()).toEqual(['Start again']);
  });

  it('beside a received message says how the conversation stands, and offers no reply, which Outlook cannot open there', async () => {
    onPhone(withFollowUp({ status: 'active', nextAt: '2026-11-24T08:10:00Z' }), received());
    await seen('From Bea');
    await screen.findByRole('button', { name: 'Stop' });
    expect(screen.queryByRole('button', { name: /Reply|Offer/ })).toBeNull();
    expect(actions()).toEqual(['Skip step', 'Stop']);
  });

  it('has nothing to say beside what is being written', async () => {
    const { office } = onPhone(tracked);
    await seen(/^Probably opened,/);
    await act(async () => office.select(fakeCompose()));
    await seen('Choose one message.');
    expect(actions()).toEqual([]);
    expect(screen.queryByRole('switch')).toBeNull();
  });

  it('gives the thumb targets of 44 pixels', async () => {
    onPhone(withFollowUp({ status: 'active', nextAt: '2026-11-24T08:10:00Z' }));
    const stop = await screen.findByRole('button', { name: 'Stop' });
    expect(getComputedStyle(stop).minHeight).toBe('44px');
    expect(within(screen.getByRole('main')).getByText(/^Probably opened,/)).toBeDefined();
  });

  it('on a computer has its tabs and all of it', async () => {
    openPane(withFollowUp({ status: 'active', nextAt: '2026-11-24T08:10:00Z' }), { item: fakeRead(), platform: 'PC' });
    await seen(/^Probably opened,/);
    await screen.findByRole('button', { name: 'Stop' });
    expect(actions()).toEqual(expect.arrayContaining(['Skip step', 'Change', 'Stop']));
    expect(screen.getAllByRole('tab')).toHaveLength(3);
  });
});
