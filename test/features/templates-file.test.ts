import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTestApp, type TestApp } from '../support/app.ts';

type Json = Record<string, unknown>;

describe('the file of templates and sequences', () => {
  let app: TestApp;
  let token: string;
  beforeAll(async () => {
    app = await createTestApp();
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    ({ token } = await app.account());
  });

  const rules = async (as = token): Promise<Json[]> => (await app.call('GET', '/v1/followup/rules', { as, query: { limit: 500 } })).body.records;
  const empty = async (): Promise<string> => {
    const { token: fresh } = await app.account();
    for (const { id } of await rules(fresh)) await app.call('DELETE', `/v1/followup/rules/${String(id)}`, { as: fresh });
    return fresh;
  };
  const exported = async (as = token, query: Record<string, number> = {}) => (await app.call('GET', '/v1/followup/rules/export', { as, query })).body;
  const take = (body: unknown, query: Record<string, boolean> = {}, as = token, headers: Record<string, string> = {}) => app.call('POST', '/v1/followup/rules/import', { as, body, query, headers });
  const file = (list: unknown[], part: Json = {}) => ({ format: 'sundial-templates', version: 1, rules: list, ...part });

  it('brings everything into another account as it was', async () => {
    await app.call('POST', '/v1/followup/rules', { as: token, body: {
      name: 'Both', expectThreadResponse: false, workingDays: true, templateSubject: 'For {{company}}: 5 < 6', templateBody: '<p style="color:red">Hello <b>{{firstName}}</b>,<br />see <a href="{{bookingUrl}}">here</a> &amp; <a href="https://a.test/?a=1&amp;b=2">there</a></p>',
      actions: [{ intervalDays: 3, message: '<ul><li>Grüße 🎉</li></ul>' }, { intervalDays: 0 }],
    } });
    const out = await exported();
    expect(out).toMatchObject({ format: 'sundial-templates', version: 1, exportedAt: expect.any(String) });
    expect(out.rules.map((r: Json) => r.name)).toEqual(['Gentle nudge', 'Three-touch', 'Both']);
    expect(Object.keys(out.rules[2]).sort()).toEqual(['actions', 'expectThreadResponse', 'name', 'templateBody', 'templateSubject', 'workingDays']);
    const other = await empty();
    expect((await take(out, {}, other)).body).toMatchObject({ dryRun: false, added: 3 });
    expect((await exported(other)).rules).toEqual(out.rules);
    // A second time there is nothing to add.
    const again = await take(out, {}, other);
    expect(again.body).toMatchObject({ added: 0, rules: [{ outcome: 'present' }, { outcome: 'present' }, { outcome: 'present' }] });
    expect(await rules(other)).toHaveLength(3);
  });

  it('holds one rule where one is asked for, and knows nobody else\'s', async () => {
    const [first] = await rules();
    expect((await exported(token, { ruleId: Number(first!.id) })).rules).toMatchObject([{ name: 'Gentle nudge' }]);
    const { token: stranger } = await app.account();
    expect((await app.call('GET', '/v1/followup/rules/export', { as: stranger, query: { ruleId: Number(first!.id) } })).status).toBe(404);
  });

  it('says before it imports what will be added, renamed and refused, and stores nothing', async () => {
    const before = await rules();
    const answer = await take(file([
      { name: 'New', templateBody: '<p>Hi</p>' },
      { name: ' gentle NUDGE ', templateBody: '<p>Another</p>' },
      { name: 'New', templateBody: '<p>Other words</p>' },
      { name: 'New', templateBody: '<p>Hi</p>' },
      { name: 'Bad', actions: [{ intervalDays: 3, message: '<p>x</p>' }, { intervalDays: -4, message: '<p>x</p>' }] },
      { name: 'Hollow', actions: [{ intervalDays: 3 }] },
      { name: 'Nothing' },
    ]), { dryRun: true });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ dryRun: true, added: 3 });
    expect(answer.body.rules.map((r: Json) => [r.index, r.name, r.outcome, r.newName ?? null])).toEqual([
      [0, 'New', 'add', null], [1, 'gentle NUDGE', 'rename', 'gentle NUDGE (2)'], [2, 'New', 'rename', 'New (2)'], [3, 'New', 'present', null],
      [4, 'Bad', 'refuse', null], [5, 'Hollow', 'refuse', null], [6, 'Nothing', 'refuse', null],
    ]);
    expect(answer.body.rules.slice(4).map((r: { problems: Json[] }) => r.problems[0]!.field)).toEqual(['rules[4].actions[1].intervalDays', 'rules[5].actions[0].message', 'rules[6]']);
    expect(await rules()).toEqual(before);
  });

  it('adds all or nothing: one wrong rule refuses the file by its field, unless the caller leaves it out', async () => {
    const before = await rules();
    const mixed = file([{ name: 'Good', templateBody: '<p>Hi</p>' }, { name: 'x'.repeat(201), templateBody: '<p>Hi</p>' }]);
    const refused = await take(mixed);
    expect(refused.status).toBe(400);
    expect(refused.body).toMatchObject({ code: 'request.invalid', field: 'rules[1].name' });
    expect(await rules()).toEqual(before);
    expect((await take(mixed, { skipRefused: true })).body).toMatchObject({ added: 1 });
    expect((await rules()).map((r) => r.name)).toEqual(['Gentle nudge', 'Three-touch', 'Good']);
  });

  it('adds once where the same request comes twice', async () => {
    const key = { 'idempotency-key': `import-${Math.random()}` };
    const body = file([{ name: 'Once', templateSubject: 'Only a subject' }]);
    const [first, second] = [await take(body, {}, token, key), await take(body, {}, token, key)];
    expect(second.body).toEqual(first.body);
    expect((await rules()).filter((r) => r.name === 'Once')).toHaveLength(1);
  });

  describe('from a stranger', () => {
    it('is refused by name where its format or version is another, or it is no file at all', async () => {
      for (const [body, field] of [
        [file([], { version: 2 }), 'version'], [file([], { version: '1' }), 'version'], [{ version: 1, rules: [] }, 'format'], [file([], { format: 'other' }), 'format'],
        [file([], { rules: 'none' }), 'rules'], [file([], { rules: { length: 5 } }), 'rules'], [file(['text', 7]), 'rules[0]'],
        [file(Array.from({ length: 201 }, () => ({ name: 'x', templateBody: '<p>x</p>' }))), 'rules'],
      ] as const) {
        const answer = await take(body);
        expect([answer.status, answer.body.code, answer.body.field], JSON.stringify(body).slice(0, 80)).toEqual([400, 'request.invalid', field]);
      }
      expect((await take('{"format": "sundial-templates", ')).status).toBe(400);
      expect((await take('[]')).status).toBe(400);
    });

    it('is refused where it is huge', async () => {
      expect((await take(file([{ name: 'Huge', templateBody: 'x'.repeat(6_000_000) }]))).status).toBe(413);
      const long = await take(file([{ name: 'Long', templateBody: `<p>${'x'.repeat(200_001)}</p>` }]));
      expect(long.body).toMatchObject({ code: 'request.invalid', field: 'rules[0].templateBody' });
      const many = await take(file([{ name: 'Many', actions: Array.from({ length: 51 }, () => ({ intervalDays: 1, message: '<p>x</p>' })) }]));
      expect(many.body).toMatchObject({ field: 'rules[0].actions' });
      expect(await rules()).toHaveLength(2);
    });

    it('loses what could run, and says so', async () => {
      const hostile = [
        '<p>Hello</p><script>alert(1)</script>', '<p>Hello <img src=x onerror="alert(1)"></p>', '<p>Hello <a href="javascript:alert(1)">x</a></p>', '<p>Hello</p><iframe src="https://evil.test"></iframe>',
        '<p>Hello</p><form action="https://evil.test"><input name=a></form>', '<p style="background:url(https://evil.test)">Hello</p>', '<p>Hello</p><svg onload=alert(1)></svg>', '<p>Hello</p><style>@import "https://evil.test"</style>',
        '<p>Hello</p><meta http-equiv=refresh content="0;url=javascript:1"><base href="https://evil.test">',
      ];
      const answer = await take(file(hostile.map((html, i) => ({ name: `H${i}`, templateBody: html }))));
      expect(answer.body).toMatchObject({ added: hostile.length });
      expect(answer.body.rules.filter((r: { cleaned: boolean }) => !r.cleaned)).toEqual([]);
      const stored = JSON.stringify((await rules()).slice(2));
      expect(stored).toContain('Hello');
      expect(stored).not.toMatch(/<script|onerror|onload|javascript:|<iframe|<form|<input|evil\.test|<svg|<style|<meta|<base/i);
      const only = await take(file([{ name: 'Only', templateBody: '<script>alert(1)</script>' }]));
      expect(only.body).toMatchObject({ code: 'request.invalid', field: 'rules[0]' });
    });

    it('cannot reach prototypes or other columns with its keys', async () => {
      const text = `{"format":"sundial-templates","version":1,"__proto__":{"rules":[]},"rules":[{"name":"Keys","templateBody":"<p>x</p>","__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"id":1,"account_id":1,"running":9,"kind":"sequence"}]}`;
      expect((await take(text)).body).toMatchObject({ added: 1 });
      expect(({} as Json).polluted).toBeUndefined();
      const made = (await rules()).at(-1)!;
      expect(made).toEqual({ id: made.id, name: 'Keys', templateBody: '<p>x</p>', workingDays: false, kind: 'template', running: 0 });
    });

    it('is answered in the one form of errors or imported, whatever it holds', async () => {
      const value: fc.Arbitrary<unknown> = fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }), fc.constantFrom('<p>x</p>', '<script>1</script>', '\u0000', '\ud800'));
      const rule = fc.dictionary(fc.constantFrom('name', 'templateBody', 'templateSubject', 'actions', 'workingDays', 'expectThreadResponse', '__proto__', 'x'), fc.oneof(value, fc.array(fc.record({ intervalDays: fc.integer({ min: -2, max: 400 }), message: value }, { requiredKeys: [] }), { maxLength: 3 })));
      await fc.assert(fc.asyncProperty(fc.array(fc.oneof(rule, value), { maxLength: 4 }), async (list) => {
        const answer = await take(file(list), { dryRun: true });
        expect([200, 400]).toContain(answer.status);
        if (answer.status === 400) expect(answer.body).toMatchObject({ code: 'request.invalid', requestId: expect.any(String) });
      }), { numRuns: 60 });
    });
  });
});
