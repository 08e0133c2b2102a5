import { act, cleanup, screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { fakeCompose, fakeRead, type FakeCompose, type FakeOptions } from '../../addin/office/fake.ts';
import { openPane, press, Refusal, seen, type Asked, type Pane, type Routes } from '../support/pane.tsx';

const PIXEL = '<p><a href="https://sundial.test/o/code-1">Turn off tracking</a></p><img src="https://sundial.test/p/code-1.png" width="1" height="1" alt="">';

/** The server's side of draftTracking: rewrites each link to one of its own. */
const prepare = ({ body }: Asked) => {
  const { htmlText, tracking } = body as { htmlText?: string; tracking: { opens: boolean; links: boolean } };
  const hrefs = tracking.links ? [...(htmlText ?? '').matchAll(/href="(https:\/\/(?!sundial)[^"]+)"/g)].map((m) => m[1]!) : [];
  const codes = hrefs.map((url, i) => ({ code: `l${i}`, url: url.replaceAll('&amp;', '&'), trackedUrl: `https://sundial.test/l/l${i}`, label: '' }));
  const append = tracking.opens ? PIXEL : '';
  return {
    trackingCode: 'code-1', trackingId: '5', pixelHtml: append, linkCodes: codes,
    ...(htmlText === undefined ? {} : { htmlBody: hrefs.reduce((html, url, i) => html.replace(url, `https://sundial.test/l/l${i}`), htmlText) + append }),
  };
};

function compose(part: Partial<FakeCompose> = {}, routes: Routes = {}, options: FakeOptions = {}): Pane & { item: FakeCompose } {
  const item = fakeCompose(part);
  return Object.assign(openPane({ 'POST /v1/email/draftTracking/create': prepare, ...routes }, { item, ...options }), { item });
}

const flip = (state: 'Off' | 'On') => press('switch', new RegExp(`Track this message: ${state}`));
const isState = (state: string) => screen.findByRole('switch', { name: new RegExp(`Track this message: ${state}`) }, { timeout: 4000 });

describe('tracking a message that is written', () => {
  it('is off at first, and leaves the message alone', async () => {
    const { item, to } = compose();
    await isState('Off');
    expect(item).toMatchObject({ appended: null, headers: {}, properties: {}, infoBar: {} });
    expect(to('POST /v1/email/draftTracking/create')).toEqual([]);
  });

  it('sets what Outlook appends, the header, the property and the info bar the moment it turns on', async () => {
    const { item } = compose();
    await flip('Off');
    await isState('On');
    expect(item.appended).toBe(PIXEL);
    expect(item.headers).toEqual({ 'x-sundial-id': 'code-1' });
    expect(JSON.parse(item.properties.sundial!)).toMatchObject({ code: 'code-1', opens: true, replies: true, links: false });
    expect(Object.values(item.infoBar)).toEqual(['Sundial: opens and replies tracked.']);
    expect(item.html).toBe('<p>Hello</p>');
  });

  it('clears all of them when it turns off', async () => {
    const { item } = compose();
    await flip('Off');
    await isState('On');
    await flip('On');
    await isState('Off');
    expect(item).toMatchObject({ appended: null, headers: {}, properties: {}, infoBar: {} });
  });

  it('goes back to Off when the server fails, with the mail as it was, and tries again on request', async () => {
    const { item, routes } = compose({}, { 'POST /v1/email/draftTracking/create': new Refusal(500, 'internal') });
    await flip('Off');
    await seen('Tracking isn’t on. Your mail is unaffected.');
    await isState('Off');
    expect(item).toMatchObject({ html: '<p>Hello</p>', appended: null, headers: {}, properties: {}, infoBar: {} });
    routes['POST /v1/email/draftTracking/create'] = prepare;
    await press('button', 'Try again');
    await isState('On');
    expect(item.appended).toBe(PIXEL);
  });

  it('takes everything back when Outlook refuses one part', async () => {
    const { item, office } = compose();
    office.failures.set('headers.set', { code: 9999, name: 'InternalError', message: 'no' });
    await flip('Off');
    await seen('Tracking isn’t on. Your mail is unaffected.');
    expect(item).toMatchObject({ appended: null, headers: {}, properties: {}, infoBar: {} });
  });

  it('starts the next new message as last time, and no reply', async () => {
    const { office } = compose();
    await flip('Off');
    await isState('On');
    const next = fakeCompose();
    await act(async () => office.select(next));
    await isState('On, as last time');
    expect(next.appended).toBe(PIXEL);
    const reply = fakeCompose({ composeType: 'reply' });
    await act(async () => office.select(reply));
    await isState('Off');
    expect(reply.appended).toBeNull();
  });

  it('starts new messages as the organisation says, until the person chooses otherwise', async () => {
    const { item, office } = compose({}, { 'GET /v1/email/tracking/policy': { policy: 'on', trackNewMessages: true } });
    await isState('On');
    expect(item.appended).toBe(PIXEL);
    expect(screen.queryByText(/as last time/)).toBeNull();
    await flip('On');
    await isState('Off');
    await act(async () => office.select(fakeCompose()));
    await isState('Off');
  });

  it('prepares the message under the id that Outlook’s event uses, and tells it when tracking is turned off', async () => {
    const { item, to } = compose({ session: { sundialDraft: 'event-1' } });
    await flip('Off');
    await isState('On');
    expect(to('POST /v1/email/draftTracking/create')[0]!.query.get('draftId')).toBe('event-1');
    await flip('On');
    await isState('Off');
    expect(item.session).toEqual({ sundialDraft: 'off' });
    await flip('Off');
    await isState('On');
    expect(item.session.sundialDraft).toMatch(/^pane-/);
  });

  it('arms a reopened draft from its own property, without the server', async () => {
    const draft = { code: 'code-9', draftId: 'd9', opens: true, replies: true, links: false, append: '<img src="https://sundial.test/p/code-9.png">' };
    const { item, to } = compose({ properties: { sundial: JSON.stringify(draft) } });
    await isState('On');
    await waitFor(() => expect(item.appended).toBe(draft.append));
    expect(item.headers).toEqual({ 'x-sundial-id': 'code-9' });
    expect(to('POST /v1/email/draftTracking/create')).toEqual([]);
  });

  it('tracks replies of plain text, and says that opens cannot be seen', async () => {
    const { item, to } = compose({ bodyType: 'text' });
    await flip('Off');
    await isState('On');
    await seen('Plain text can’t show opens. Replies still work.');
    expect(item.appended).toBeNull();
    expect(item.headers['x-sundial-id']).toBe('code-1');
    expect(to('POST /v1/email/draftTracking/create')[0]!.body).toMatchObject({ tracking: { opens: false, threadReplies: true } });
  });

  it('says that with several recipients nobody knows who opened', async () => {
    const { office } = compose();
    await flip('Off');
    await isState('On');
    expect(screen.queryByText(/not who/)).toBeNull();
    await act(async () => office.changeRecipients([{ displayName: 'A', emailAddress: 'a@x.test' }, { displayName: 'B', emailAddress: 'b@x.test' }]));
    await seen('We’ll see that someone opened, not who.');
  });

  it('rewrites the links that are there when Links is checked, and restores them', async () => {
    const html = '<p>See <a href="https://shop.test/a?x=1&amp;y=2">this</a> and <a href="mailto:me@x.test">me</a></p>';
    const { item } = compose({ html });
    await flip('Off');
    await isState('On');
    await press('checkbox', 'Links');
    await seen(/1 link tracked/);
    expect(item.html).toContain('href="https://sundial.test/l/l0"');
    expect(item.html).not.toContain('code-1.png');
    await press('button', 'Restore');
    await waitFor(() => expect(item.html).toBe(html));
    expect(screen.getByRole('checkbox', { name: 'Links' })).not.toHaveProperty('checked', true);
  });

  it('restores them also in a pane that was reloaded, which knows the old ones from the server alone', async () => {
    const html = '<p>See <a href="https://sundial.test/l/l0">this</a>, and not <a href="https://shop.test/b">that</a></p>';
    const linkCodes = ['l0', 'l1'].map((code) => ({ code, url: `https://shop.test/${code}?x=1&y=2`, trackedUrl: `https://sundial.test/l/${code}` }));
    const stored = { draftId: 'pane-0', code: 'code-1', opens: true, replies: true, links: true, append: PIXEL };
    const { item, to } = compose({ html, properties: { sundial: JSON.stringify(stored) } }, { 'POST /v1/email/draftTracking/create': { trackingCode: 'code-1', pixelHtml: PIXEL, linkCodes } });
    await seen(/1 link tracked/);
    expect(to('POST /v1/email/draftTracking/create')[0]).toMatchObject({ body: { tracking: { opens: true, threadReplies: true, links: true } } });
    await press('button', 'Restore');
    await waitFor(() => expect(item.html).toBe(html.replace('https://sundial.test/l/l0', 'https://shop.test/l0?x=1&amp;y=2')));
  });

  it('does as the organisation says: replies only', async () => {
    const { to } = compose({}, { 'GET /v1/email/tracking/policy': { policy: 'repliesOnly' } });
    await flip('Off');
    await seen('Your organisation allows reply tracking only.');
    expect(to('POST /v1/email/draftTracking/create')[0]!.body).toMatchObject({ tracking: { opens: false, threadReplies: true, links: false } });
  });

  it('does as the organisation says: off', async () => {
    compose({}, { 'GET /v1/email/tracking/policy': { policy: 'off' } });
    await seen('Your organisation has switched tracking off.');
    expect(await screen.findByRole('switch')).toHaveProperty('disabled', true);
  });

  it('lets a draft that was tracked before the organisation switched tracking off be untracked', async () => {
    const { item } = compose();
    await flip('Off');
    await isState('On');
    cleanup();
    openPane({ 'GET /v1/email/tracking/policy': { policy: 'off' } }, { item });
    await seen('Your organisation has switched tracking off.');
    await flip('On');
    await isState('Off');
    expect(item.headers).not.toHaveProperty('x-sundial-id');
    await waitFor(() => expect(screen.getByRole('switch')).toHaveProperty('disabled', true));
  });

  it('works where the client is as old as Exchange on premises: replies, no pixel', async () => {
    const { item } = compose({}, {}, { mailboxSet: 8 });
    await flip('Off');
    await isState('On');
    expect(item.appended).toBeNull();
    expect(item.headers['x-sundial-id']).toBe('code-1');
  });

  it('puts nothing on the message that was left while the server answered', async () => {
    let answer: (value: unknown) => void = () => {};
    const { office, item } = compose({}, { 'POST /v1/email/draftTracking/create': (r: Asked) => new Promise((resolve) => { answer = () => resolve(prepare(r)); }) });
    await flip('Off');
    await act(async () => office.select(fakeRead()));
    await act(async () => answer(null));
    expect(item).toMatchObject({ appended: null, headers: {}, properties: {} });
  });

  it('never touches sending: no call of Outlook’s that sends or closes is made', async () => {
    const { office } = compose();
    await flip('Off');
    await isState('On');
    expect(office.calls.filter((c) => /send$|close/i.test(c) && c !== 'body.appendOnSend')).toEqual([]);
  });
});

const NUDGE = { id: 3, name: 'Gentle nudge', actions: [{ intervalDays: 3, message: '<p>Hello {{company}}</p>' }] };
const RULES = { offset: 0, totalSize: 1, done: true, records: [NUDGE] };
const previewOf = ({ body }: Asked) => {
  const { actionVars = {}, targets = [] } = body as { actionVars?: Record<string, string>; targets?: string[] };
  const missing = actionVars.company ? [] : ['company'];
  return { targets, timezone: 'Europe/Berlin', missing, steps: [{ num: 1, plannedAt: '2026-11-24T08:10:00Z', subject: 'Re: Offer', html: `<p>Hello ${actionVars.company ?? ''}</p>`, missing }], template: { subject: 'Offer', html: `<p>For ${actionVars.company ?? ''}</p>`, missing } };
};

describe('a follow-up of a message that is written', () => {
  const routes: Routes = {
    'GET /v1/followup/rules': RULES,
    'POST /v1/followup/preview': previewOf,
    'GET /v1/followup/drafts/{trackingCode}': new Refusal(404, 'notFound'),
    'PUT /v1/followup/drafts/{trackingCode}': ({ body }: Asked) => ({ trackingCode: 'code-1', rule: NUDGE, ...(body as object) }),
    'DELETE /v1/followup/drafts/{trackingCode}': { status: 'Ok' },
  };

  it('asks for a missing field before it can be used, and is bound to the draft by its tracking code', async () => {
    const { item, to } = compose({ to: [{ displayName: 'Bea', emailAddress: 'buyer@playground.test' }] }, routes);
    await isState('Off');
    await press('button', 'Choose');
    const field = await screen.findByLabelText(/Company/, {}, { timeout: 4000 });
    expect(screen.getByRole('button', { name: 'Use follow-up' })).toHaveProperty('disabled', true);
    await type(field, 'Acme');
    await waitFor(() => expect(screen.getByRole('button', { name: 'Use follow-up' })).toHaveProperty('disabled', false), { timeout: 4000 });
    await press('button', 'Use follow-up');
    await seen('Follow-up: Gentle nudge');
    const [put] = to('PUT /v1/followup/drafts/{trackingCode}');
    expect(put!.path).toBe('/v1/followup/drafts/code-1');
    expect(put!.body).toEqual({ ruleId: 3, afterDays: 3, targets: ['buyer@playground.test'], actionVars: { company: 'Acme' }, workingDays: true });
    // Replies at least are tracked then, or nobody would recognise the message.
    expect(item.headers['x-sundial-id']).toBe('code-1');
  });

  it('is removed again on request', async () => {
    const stored = { trackingCode: 'code-1', ruleId: 3, rule: NUDGE, actionVars: { company: 'Acme' }, targets: ['buyer@playground.test'], afterDays: 3 };
    const draft = { code: 'code-1', draftId: 'd', opens: true, replies: true, links: false, append: '' };
    const { to } = compose({ properties: { sundial: JSON.stringify(draft) } }, { ...routes, 'GET /v1/followup/drafts/{trackingCode}': stored });
    await seen('Follow-up: Gentle nudge');
    await press('button', 'Remove');
    await seen('Follow-up: None');
    expect(to('DELETE /v1/followup/drafts/{trackingCode}')).toHaveLength(1);
  });
});

describe('inserting', () => {
  const template = { id: 9, name: 'Offer', templateSubject: 'Offer', templateBody: '<p>For {{company}}</p>' };
  const routes: Routes = { 'GET /v1/followup/rules': { ...RULES, records: [template] }, 'POST /v1/followup/preview': previewOf };

  const choose = async (pane: Pane) => {
    await press('button', 'Template');
    await press('button', /Offer/);
    await type(await screen.findByLabelText(/Company/, {}, { timeout: 4000 }), 'Acme');
    await waitFor(() => expect(screen.getByRole('button', { name: 'Insert' })).toHaveProperty('disabled', false), { timeout: 4000 });
    await press('button', 'Insert');
    return pane;
  };

  it('a template goes to the cursor with its fields filled in, and gives the subject only where there is none', async () => {
    const { item } = await choose(compose({}, routes)) as Pane & { item: FakeCompose };
    await waitFor(() => expect(item.subject).toBe('Offer'));
    expect(item.inserted).toEqual(['<p>For Acme</p>']);
    expect(item.html).toBe('<p>Hello</p>');
  });

  it('a template leaves a subject that is there', async () => {
    const { item } = await choose(compose({ subject: 'Mine' }, routes)) as Pane & { item: FakeCompose };
    await waitFor(() => expect(item.inserted).toHaveLength(1));
    expect(item.subject).toBe('Mine');
  });

  it('a template is text in a message of plain text', async () => {
    const { item } = await choose(compose({ bodyType: 'text' }, routes)) as Pane & { item: FakeCompose };
    await waitFor(() => expect(item.inserted).toEqual(['For Acme']));
  });

  const profile = { id: 4, name: 'product-call', durationMinutes: 30, active: true, bookingUrl: 'https://sundial.test/book/c/product-call' };
  const slot = (day: number, hour: number) => ({ start: `2026-11-${day}T${hour}:00:00Z`, end: `2026-11-${day}T${hour}:30:00Z` });
  const booking: Routes = {
    'GET /v1/book/account/profiles': { offset: 0, totalSize: 1, done: true, records: [profile] },
    'GET /v1/book/account/profiles/{id}/meeting': { items: [slot(23, 10), slot(23, 11), slot(24, 10), slot(24, 11), slot(25, 10), slot(25, 11)] },
  };

  it('free times: three on different days are chosen at first, and stand as linked lines', async () => {
    const { item } = compose({}, booking);
    await press('button', 'Times');
    await press('button', 'Insert 3 times');
    await waitFor(() => expect(item.inserted).toHaveLength(1));
    const links = [...new DOMParser().parseFromString(item.inserted[0]!, 'text/html').querySelectorAll('a')].map((a) => a.href);
    expect(links).toHaveLength(4);
    expect(new Set(links.slice(0, 3).map((l) => new URL(l).searchParams.get('start')!.slice(0, 10))).size).toBe(3);
    expect(links[3]).toBe(profile.bookingUrl);
  });

  it('a booking link goes to the cursor', async () => {
    const { item } = compose({}, booking);
    await press('button', 'Booking');
    await press('button', /product-call/);
    await waitFor(() => expect(item.inserted).toEqual([`<a href="${profile.bookingUrl}">Book a time with me</a>`]));
  });

  describe('in an appointment', () => {
    const meeting = (more: Routes = {}) => {
      const pane = compose({ itemType: 'appointment', to: [{ displayName: 'Bea', emailAddress: 'bea@shop.test' }] }, { ...routes, ...booking, 'GET /v1/email/tracking/policy': { policy: 'on', trackNewMessages: true }, ...more });
      pane.office.roaming.tracking = JSON.stringify({ on: true, opens: true, replies: true, links: true });
      return pane;
    };

    it('there is nothing but inserting, and nothing is tracked, whatever was chosen for messages', async () => {
      const { item, asked } = meeting();
      await screen.findByRole('button', { name: 'Times' });
      expect(screen.getAllByRole('button').map((b) => b.textContent)).toEqual(['Template', 'Times', 'Booking']);
      expect(screen.queryByRole('switch')).toBeNull();
      expect(screen.queryByText(/Follow-up/)).toBeNull();
      expect(asked.filter((r) => r.path.includes('draftTracking'))).toEqual([]);
      expect(item).toMatchObject({ appended: null, headers: {}, properties: {}, infoBar: {}, session: {} });
    });

    it('each of the three goes to the cursor of its text', async () => {
      const pane = await choose(meeting()) as Pane & { item: FakeCompose };
      await waitFor(() => expect(pane.item.subject).toBe('Offer'));
      expect(pane.to('POST /v1/followup/preview').at(-1)!.body).toMatchObject({ targets: ['bea@shop.test'] });
      await press('button', 'Times');
      await press('button', 'Insert 3 times');
      await waitFor(() => expect(pane.item.inserted).toHaveLength(2));
      await press('button', 'Booking');
      await press('button', /product-call/);
      await waitFor(() => expect(pane.item.inserted).toEqual(['<p>For Acme</p>', expect.stringContaining('Would one of these times suit you?'), expect.stringContaining(profile.bookingUrl)]));
      expect(pane.item.headers).toEqual({});
    });
  });
});

async function type(field: HTMLElement, text: string): Promise<void> {
  const { fireEvent } = await import('@testing-library/react');
  await act(async () => void fireEvent.change(field, { target: { value: text } }));
}
