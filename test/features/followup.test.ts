import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';

describe('follow-up rules, settings and previews', () => {
  let app: TestApp;
  let token: string;
  beforeAll(async () => {
    app = await createTestApp();
    ({ token } = await app.account());
  });
  afterAll(() => app.close());

  const rules = async (as: string) => (await app.call('GET', '/v1/followup/rules', { as })).body;

  it('ships two sequences with every account, once: a deleted one stays deleted', async () => {
    const { token: fresh } = await app.account();
    const page = await rules(fresh);
    expect(page).toMatchObject({ offset: 0, totalSize: 2, done: true });
    expect(page.records.map((r: { name: string; actions: unknown[]; kind: string }) => [r.name, r.actions.length, r.kind])).toEqual([['Gentle nudge', 1, 'sequence'], ['Three-touch', 3, 'sequence']]);
    expect(page.records[0].actions[0].intervalDays).toBe(3);
    expect((await app.call('DELETE', `/v1/followup/rules/${page.records[0].id}`, { as: fresh })).body).toEqual({ status: 'Ok' });
    expect((await rules(fresh)).records.map((r: { name: string }) => r.name)).toEqual(['Three-touch']);
  });

  it('answers two first lists at the same time with the same two rules', async () => {
    const { token: fresh } = await app.account();
    const pages = await Promise.all([rules(fresh), rules(fresh), rules(fresh)]);
    expect((await rules(fresh)).totalSize).toBe(2);
    expect(pages.every((p) => p.totalSize <= 2)).toBe(true);
  });

  it('creates, replaces and deletes a rule that is a sequence and a template in one', async () => {
    const body = { name: 'Both', expectThreadResponse: true, templateSubject: 'Hi {{name}}', templateBody: '<p>x</p>', actions: [{ intervalDays: 0, message: '<p>y</p>' }] };
    const created = await app.call('POST', '/v1/followup/rules', { as: token, body });
    expect(created.status).toBe(200);
    expect(created.body).toMatchObject({ ...body, workingDays: false, kind: 'both' });
    const replaced = await app.call('PUT', `/v1/followup/rules/${created.body.id}`, { as: token, body: { name: 'Template', templateBody: '<p>z</p>' } });
    expect(replaced.body).toEqual({ id: created.body.id, name: 'Template', templateBody: '<p>z</p>', workingDays: false, kind: 'template', running: 0 });
    expect((await app.call('DELETE', `/v1/followup/rules/${created.body.id}`, { as: token })).status).toBe(200);
    expect((await app.call('DELETE', `/v1/followup/rules/${created.body.id}`, { as: token })).status).toBe(404);
  });

  it('names the field of what cannot be right', async () => {
    for (const [body, field] of [
      [{ actions: [{ intervalDays: -1 }] }, 'actions[0].intervalDays'],
      [{ actions: [{ intervalDays: 1.5 }] }, 'actions[0].intervalDays'],
      [{ name: 'a\u0000b' }, 'name'],
      [{ templateBody: '\ud800' }, 'templateBody'],
    ] as const) {
      const answer = await app.call('POST', '/v1/followup/rules', { as: token, body });
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({ code: 'request.invalid', field });
    }
  });

  it('keeps the zone and the further addresses, and refuses a zone that does not exist', async () => {
    expect((await app.call('GET', '/v1/followup/config', { as: token })).body).toEqual({ timezone: 'Europe/Berlin', emailAliases: [] });
    expect((await app.call('PUT', '/v1/followup/config', { as: token, body: { timezone: 'America/New_York', emailAliases: ['Me@Other.test'] } })).body)
      .toEqual({ timezone: 'America/New_York', emailAliases: ['me@other.test'] });
    expect((await app.call('PUT', '/v1/followup/config', { as: token, body: { timezone: 'Europe/Berlin' } })).body).toEqual({ timezone: 'Europe/Berlin', emailAliases: ['me@other.test'] });
    expect((await app.call('PUT', '/v1/followup/config', { as: token, body: { timezone: 'Mars/Base' } })).body).toMatchObject({ code: 'request.invalid', field: 'timezone' });
    expect((await app.call('PUT', '/v1/followup/config', { as: token, body: { emailAliases: ['nobody'] } })).body).toMatchObject({ field: 'emailAliases[0]' });
  });

  it('previews the real messages with their times, and names what is missing', async () => {
    const answer = await app.call('POST', '/v1/followup/preview', {
      as: token,
      body: {
        rule: { actions: [{ intervalDays: 3, message: '<p>Hi {{firstName}} at {{company}}</p>' }, { intervalDays: 2, message: '<p>{{senderName}}: {{note}}</p>' }], workingDays: true },
        targets: ['Buyer@playground.test'], targetNames: { 'buyer@playground.test': 'Ann <b>Other' }, subject: 'Re: Offer', actionVars: { note: 'a\nb' },
      },
    });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      targets: ['buyer@playground.test'], missing: ['company'], timezone: 'Europe/Berlin',
      steps: [
        { num: 1, subject: 'Re: Offer', html: '<p>Hi Ann at {{company}}</p>', missing: ['company'] },
        { num: 2, subject: 'Re: Offer', html: '<p>Alice: a<br>b</p>', missing: [] },
      ],
    });
    const again = { rule: { actions: [{ message: 'x' }] }, threadId: 'unknown' };
    expect((await app.call('POST', '/v1/followup/preview', { as: token, body: again })).status).toBe(404);
    expect((await app.call('POST', '/v1/followup/preview', { as: token, body: { ...again, targets: ['a@b.test'], subject: 'New' } })).body.steps[0].subject).toBe('Re: New');
    const [first, second] = answer.body.steps.map((s: { plannedAt: string }) => Date.parse(s.plannedAt));
    expect(first).toBeGreaterThan(app.clock.now().getTime());
    expect(second).toBeGreaterThan(first);
  });

  it('previews a template with its fields filled, each encoded for its place', async () => {
    const { body: rule } = await app.call('POST', '/v1/followup/rules', { as: token, body: { templateSubject: 'For {{company}}', templateBody: '<p>{{company}} {{x}}</p>' } });
    const answer = await app.call('POST', '/v1/followup/preview', { as: token, body: { ruleId: rule.id, actionVars: { company: 'A & B\r\nBcc: c@d.test' } } });
    expect(answer.body).toMatchObject({ steps: [], template: { subject: 'For A & B Bcc: c@d.test', html: '<p>A &amp; B<br>Bcc: c@d.test {{x}}</p>', missing: ['x'] } });
  });

  it('keeps what to start when a draft is sent, until it is taken back', async () => {
    const [rule] = (await rules(token)).records;
    const path = '/v1/followup/drafts/abcdefgh12345678';
    expect((await app.call('GET', path, { as: token })).status).toBe(404);
    const put = await app.call('PUT', path, { as: token, body: { ruleId: rule.id, targets: ['Buyer@x.test'], afterDays: 5, workingDays: true } });
    expect(put.body).toMatchObject({ trackingCode: 'abcdefgh12345678', ruleId: rule.id, targets: ['buyer@x.test'], afterDays: 5, workingDays: true, actionVars: {} });
    expect((await app.call('GET', path, { as: token })).body).toEqual(put.body);
    expect((await app.call('DELETE', path, { as: token })).status).toBe(200);
    expect((await app.call('GET', path, { as: token })).status).toBe(404);
  });

  it('refuses a template without steps, the sender as target, and the rule of somebody else', async () => {
    const path = '/v1/followup/drafts/abcdefgh12345678';
    const { body: template } = await app.call('POST', '/v1/followup/rules', { as: token, body: { templateBody: 'x' } });
    expect((await app.call('PUT', path, { as: token, body: { ruleId: template.id } })).body).toMatchObject({ field: 'ruleId' });
    const [rule] = (await rules(token)).records;
    expect((await app.call('PUT', path, { as: token, body: { ruleId: rule.id, targets: ['me@other.test'] } })).body).toMatchObject({ field: 'targets' });
    expect((await app.call('PUT', path, { as: token, body: { ruleId: rule.id, targets: ['me@other.test', 'you@other.test'] } })).body).toMatchObject({ targets: ['you@other.test'] });
    const { token: other } = await app.account();
    expect((await app.call('PUT', path, { as: other, body: { ruleId: rule.id } })).status).toBe(404);
    expect((await app.call('PUT', `/v1/followup/rules/${rule.id}`, { as: other, body: {} })).status).toBe(404);
    expect((await app.call('POST', '/v1/followup/preview', { as: other, body: { ruleId: rule.id } })).status).toBe(404);
  });

  it('lets nobody in without credentials, and nobody change anything with a reading scope', async () => {
    for (const [method, path] of [
      ['GET', '/v1/followup/config'], ['PUT', '/v1/followup/config'], ['GET', '/v1/followup/rules'], ['POST', '/v1/followup/rules'], ['PUT', '/v1/followup/rules/1'], ['DELETE', '/v1/followup/rules/1'],
      ['GET', '/v1/followup/conversations'], ['GET', '/v1/followup/conversations/x'], ['PUT', '/v1/followup/conversations/x'], ['POST', '/v1/followup/preview'],
      ['GET', '/v1/followup/drafts/abcdefgh'], ['PUT', '/v1/followup/drafts/abcdefgh'], ['DELETE', '/v1/followup/drafts/abcdefgh'],
    ] as const) expect((await app.call(method, path, method === 'GET' || method === 'DELETE' ? {} : { body: {} })).status, `${method} ${path}`).toBe(401);
    const { token: reader } = await app.account({ scopes: ['Mail.Read'] });
    expect((await app.call('GET', '/v1/followup/rules', { as: reader })).status).toBe(200);
    for (const [method, path] of [['PUT', '/v1/followup/config'], ['POST', '/v1/followup/rules'], ['PUT', '/v1/followup/rules/1'], ['DELETE', '/v1/followup/rules/1'], ['PUT', '/v1/followup/conversations/x'], ['PUT', '/v1/followup/drafts/abcdefgh']] as const) {
      expect((await app.call(method, path, { as: reader, body: method === 'DELETE' ? undefined : {} })).status, `${method} ${path}`).toBe(403);
    }
  });
});
