import { describe, expect, it } from 'vitest';
import type { TestApp } from '../support/app.ts';
import { DAY, onStage, toNextStep, wall, type Someone } from '../support/followup.ts';
import { AGENTS, emit, load, trackedMessage } from '../support/tracking.ts';

const HOUR = 3_600_000;

describe('statistics', () => {
  let app: TestApp;
  let alice: Someone;
  let bob: Someone;  onStage((stage) => ({ app, alice, bob } = stage));

  const activity = async (days = 7, as = alice.token) => (await app.call('GET', '/v1/stats/activity', { as, query: { days } })).body;
  const usage = async (as = alice.token) => (await app.call('GET', '/v1/stats/templates', { as })).body.records;
  const template = async (name = 'Offer', as = alice.token): Promise<number> =>
    (await app.call('POST', '/v1/followup/rules', { as, body: { name, templateBody: '<p>Hello</p>' } })).body.id;
  const use = (code: string, ruleIds: number[], as = alice.token) => app.call('PUT', `/v1/followup/drafts/${code}/templates`, { as, body: { ruleIds } });
  const replyTo = (draftId: string) => emit(app, {
    type: 'MessageArrived', accountId: alice.id, messageId: `r-${draftId}`, threadId: `t-${draftId}`, internetMessageId: `<r-${draftId}@far.test>`,
    inReplyTo: `<${draftId}@hosted.test>`, references: [], from: 'buyer@far.test', subject: 'Re', receivedAt: app.clock.now().toISOString(),
    folder: 'inbox', automatic: 'no', awayUntil: null, report: null, calendar: false,
  });

  it('say nothing happened, day by day, where nothing was tracked', async () => {
    const empty = await activity(7);
    expect(empty).toMatchObject({ timezone: 'Europe/Berlin', totals: { sent: 0, opens: 0, clicks: 0, answers: 0, unknown: 0 }, templates: [] });
    expect(empty.days).toHaveLength(7);
    expect(empty.days.at(-1)).toEqual({ date: wall(app.clock.now().getTime()).slice(0, 10), sent: 0, opens: 0, clicks: 0, answers: 0 });
    expect(empty.hours.map((h: { hour: number }) => h.hour)).toEqual(Array.from({ length: 24 }, (_, i) => i));
    expect(empty.weekdays.map((d: { weekday: string }) => d.weekday)[0]).toBe('monday');
    expect(wall(empty.from)).toMatch(/T00:00$/);
    expect(await usage()).toEqual([]);
  });

  it('count opens and clicks by people and their programs; what is unknown stands apart, machines and oneself nowhere', async () => {
    const mail = await trackedMessage(app, alice.token, { draftId: `d${alice.id}`, html: '<p><a href="https://a.test/">x</a></p>', tracking: { links: true } });
    app.clock.advance(HOUR);
    await load(app, `/t/${mail.code}.gif`, AGENTS.outlook);
    await load(app, `/t/${mail.code}.gif`, AGENTS.gmail);
    await load(app, `/t/${mail.code}.gif`, AGENTS.apple);
    await load(app, `/t/${mail.code}.gif`, 'Barracuda Sentinel (EE)');
    await load(app, `/l/${mail.links[0]!.code}`, AGENTS.chrome);
    await replyTo(`d${alice.id}`);
    const { totals, days, hours, weekdays } = await activity();
    expect(totals).toEqual({ sent: 1, opens: 2, clicks: 1, answers: 1, unknown: 1 });
    expect(days.at(-1)).toMatchObject({ sent: 1, opens: 2, clicks: 1, answers: 1 });
    expect(hours[11]).toEqual({ hour: 11, opens: 2, answers: 1 });
    expect(weekdays[0]).toEqual({ weekday: 'monday', opens: 2, answers: 1 });
    expect((await activity(7, bob.token)).totals).toEqual({ sent: 0, opens: 0, clicks: 0, answers: 0, unknown: 0 });
  });

  it('put each hour on the day that the account\'s calendar shows, also when the clocks change', async () => {
    const mail = await trackedMessage(app, alice.token, { draftId: `z${alice.id}` });
    const at = async (time: number) => {
      app.clock.advance(time - app.clock.now().getTime());
      await load(app, `/t/${mail.code}.gif`, AGENTS.outlook);
    };
    const midnight = Date.parse(`${new Date(app.clock.now().getTime() + 2 * DAY).toISOString().slice(0, 10)}T00:00:00Z`);
    await at(midnight - HOUR / 2);
    await app.call('PUT', '/v1/followup/config', { as: alice.token, body: { timezone: 'Pacific/Kiritimati' } });
    const far = await activity();
    expect(far.timezone).toBe('Pacific/Kiritimati');
    expect(far.days.find((d: { opens: number }) => d.opens)).toMatchObject({ date: new Date(midnight).toISOString().slice(0, 10), opens: 1 });
    expect(far.hours[13]).toMatchObject({ opens: 1 });

    // New York leaves daylight saving time on the first Sunday of November: 05:30 UTC is 01:30 by the old hour, 06:30 is 01:30 by the new one.
    await app.call('PUT', '/v1/followup/config', { as: alice.token, body: { timezone: 'America/New_York' } });
    const year = app.clock.now().getUTCFullYear() + 1;
    const first = new Date(Date.UTC(year, 10, 1));
    const sunday = Date.UTC(year, 10, 1 + (7 - first.getUTCDay()) % 7);
    for (const hours of [4.5, 5.5, 6.5, 27.5, 28.5, 29.5]) await at(sunday + hours * HOUR);
    const autumn = await activity(3);
    expect(autumn.days.filter((d: { opens: number }) => d.opens)).toEqual([
      { date: new Date(sunday).toISOString().slice(0, 10), sent: 0, opens: 5, clicks: 0, answers: 0 },
      { date: new Date(sunday + DAY).toISOString().slice(0, 10), sent: 0, opens: 1, clicks: 0, answers: 0 },
    ]);
    expect(autumn.hours.filter((h: { opens: number }) => h.opens).map((h: { hour: number; opens: number }) => [h.hour, h.opens])).toEqual([[0, 2], [1, 2], [22, 1], [23, 1]]);
  });

  it('count a template once its tracked mail is sent, not before, and never for another account', async () => {
    const id = await template();
    const draftId = `u${alice.id}`;
    const made = await app.call('POST', '/v1/email/draftTracking/create', { as: alice.token, query: { draftId, ignoreNotFound: true }, body: { tracking: { opens: true, threadReplies: true, trackOpensAfterSendDelay: 0 } } });
    const code = made.body.trackingCode as string;
    expect((await use(code, [id])).body).toEqual({ status: 'Ok' });
    expect((await use(code, [id])).status).toBe(200);
    expect(await usage()).toEqual([]);
    await app.call('PATCH', `/v1/email/draftTracking/${draftId}/convert`, { as: alice.token, body: { messageId: `m-${draftId}`, threadId: `t-${draftId}`, internetMessageId: `<${draftId}@hosted.test>` } });
    expect(await usage()).toEqual([{ ruleId: id, sent: 1, opensTracked: 1, opened: 0, answersTracked: 1, answered: 0, lastSentAt: expect.any(String) }]);
    app.clock.advance(HOUR);
    await load(app, `/t/${code}.gif`, AGENTS.apple);
    expect(await usage()).toMatchObject([{ opened: 0 }]);
    await load(app, `/t/${code}.gif`, AGENTS.outlook);
    await replyTo(draftId);
    expect(await usage()).toMatchObject([{ sent: 1, opened: 1, answered: 1 }]);
    expect((await activity(7)).templates).toMatchObject([{ ruleId: id, name: 'Offer', sent: 1, opened: 1, answersTracked: 1, answered: 1 }]);

    // Bob names Alice's template, and Alice's code: neither counts for him, nor changes hers.
    expect((await use(code, [id], bob.token)).status).toBe(404);
    expect((await use(code, [await template('Mine', bob.token)], bob.token)).status).toBe(200);
    expect(await usage(bob.token)).toEqual([]);
    expect(await usage()).toMatchObject([{ sent: 1 }]);
    // What is deleted takes its numbers along.
    await app.call('DELETE', `/v1/followup/rules/${id}`, { as: alice.token });
    expect(await usage()).toEqual([]);
  });

  it('count mail without opens among the sent, and not among those that could be opened', async () => {
    const id = await template('Replies only');
    const mail = await trackedMessage(app, alice.token, { draftId: `n${alice.id}`, tracking: { opens: false } });
    await use(mail.code, [id]);
    expect(await usage()).toMatchObject([{ ruleId: id, sent: 1, opensTracked: 0, opened: 0, answersTracked: 1, answered: 0 }]);
    // Taken out of the draft again.
    await use(mail.code, []);
    expect(await usage()).toEqual([]);
  });

  it('credit an answer to the step that it came behind, and an open to the step before it', async () => {
    const rule = (await app.call('POST', '/v1/followup/rules', { as: alice.token, body: { name: 'Three', workingDays: true, actions: [1, 2, 3].map((n) => ({ intervalDays: 2, message: `<p>Touch ${n}</p>` })) } })).body.id as number;
    const sent = await app.call('POST', '/v1/email/messages', { as: alice.token, query: { returnIds: true }, body: { subject: 'Offer', body: '<p>An offer</p>', to: [{ address: bob.email }], tracking: { opens: true, threadReplies: true, trackOpensAfterSendDelay: 0 }, followUp: { ruleId: rule } } });
    await app.drain();
    expect(await usage()).toEqual([]);
    await toNextStep(app);
    await toNextStep(app);
    expect(await usage()).toMatchObject([{ ruleId: rule, sent: 2, opensTracked: 2, opened: 0, answersTracked: 2, answered: 0 }]);
    app.clock.advance(HOUR);
    const { trackingCode } = (await app.call('GET', `/v1/email/tracking/${sent.body.trackingId}`, { as: alice.token })).body;
    await load(app, `/t/${trackingCode}.gif`, AGENTS.outlook);
    const list = await app.call('GET', '/v1/email/messages', { as: bob.token, query: { q: 'in:inbox' } });
    await app.call('POST', `/v1/email/messages/${list.body.records[0].id}/reply`, { as: bob.token, body: { body: '<p>Yes</p>', to: [{ address: alice.email }] } });
    await app.drain();
    expect(await usage()).toMatchObject([{ ruleId: rule, sent: 2, opensTracked: 2, opened: 1, answersTracked: 2, answered: 1 }]);
    expect((await activity(7)).templates).toMatchObject([{ ruleId: rule, name: 'Three', sent: 2, answered: 1 }]);
    expect((await activity(1)).templates).toMatchObject([{ ruleId: rule, sent: 1, answered: 1 }]);
  });

  it('name the field of a range that cannot be right', async () => {
    for (const days of [0, 366, 1.5, 'week']) {
      const answer = await app.call('GET', '/v1/stats/activity', { as: alice.token, query: { days } });
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({ code: 'request.invalid', field: 'days' });
    }
  });
});
