import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { fakeCompose, fakeRead, type FakeOptions } from '../../addin/office/fake.ts';
import { parseTemplatesFile } from '../../addin/features/templates/file.ts';
import { openPane, press, Refusal, seen, type Pane, type Routes } from '../support/pane.tsx';

const page = (records: unknown[]) => ({ offset: 0, totalSize: records.length, done: true, records });
const NUDGE = { id: 3, name: 'Gentle nudge', workingDays: true, actions: [{ intervalDays: 3, message: '<p>Hello</p>' }], running: 2 };
const THANKS = { id: 4, name: 'Thanks', templateSubject: 'Thank you', templateBody: '<p>Thank you, {{firstName}}</p>', actions: [], running: 0 };
const PREVIEW = { targets: ['buyer@playground.test'], missing: [], timezone: 'Europe/Berlin', steps: [], template: { subject: 'Thank you', html: '<p>Thank you, Bea</p>', missing: [] } };

async function openRules(routes: Routes = {}, options: FakeOptions = {}): Promise<Pane> {
  const pane = openPane({
    'GET /v1/followup/rules': page([NUDGE, THANKS]), 'GET /v1/stats/templates': { records: [] }, 'POST /v1/followup/preview': PREVIEW,
    'PUT /v1/followup/rules/{id}': { id: 4 }, ...routes,
  }, options);
  await press('tab', /Settings/);
  await press('button', 'Templates and sequences');
  await screen.findByRole('button', { name: /^Gentle nudge/ });
  return pane;
}

describe('the preview of a template or sequence', () => {
  it('is rendered for the recipient of the chosen message, with the plan of times and the missing fields by name', async () => {
    const pane = await openRules({ 'POST /v1/followup/preview': {
      targets: ['buyer@playground.test'], missing: ['company', 'firstName'], timezone: 'Europe/Berlin',
      steps: [{ num: 1, plannedAt: '2026-11-24T09:10:00Z', subject: 'Re: Offer', html: '<p>Hello Bea</p>', missing: ['company', 'firstName'] }],
    } }, { item: fakeRead() });
    await press('button', /^Gentle nudge/);
    await press('button', 'Preview');
    await seen('For Bea (buyer@playground.test), of the chosen message.');
    await seen(/^Tue 24 Nov/);
    await seen('Asked when it is used: Company.');
    await seen('Not known of this recipient: First name.');
    expect(screen.getByTitle('Step 1 as it will be sent').getAttribute('srcdoc')).toContain('Hello Bea');
    expect(pane.to('POST /v1/followup/preview')[0]!.body).toEqual({
      rule: { name: 'Gentle nudge', workingDays: true, actions: [{ intervalDays: 3, message: '<p>Hello</p>' }] }, subject: 'Offer',
      targets: ['buyer@playground.test'], targetNames: { 'buyer@playground.test': 'Bea' },
    });
  });

  it('follows the form as it is written and the message as another one is chosen', async () => {
    const pane = await openRules({}, { item: fakeRead() });
    await press('button', /^Thanks/);
    await press('button', 'Preview');
    await seen('Subject: Thank you');
    fireEvent.change(screen.getByLabelText(/^Subject/), { target: { value: 'Many thanks' } });
    await waitFor(() => expect(pane.to('POST /v1/followup/preview').at(-1)!.body).toMatchObject({ rule: { templateSubject: 'Many thanks' } }));
    act(() => pane.office.select(fakeCompose({ subject: 'Plans', to: [{ displayName: 'Carl', emailAddress: 'Carl@other.test' }] })));
    await seen('For Carl (carl@other.test), of the chosen message.');
    await waitFor(() => expect(pane.to('POST /v1/followup/preview').at(-1)!.body).toMatchObject({ subject: 'Plans', targets: ['carl@other.test'], targetNames: { 'carl@other.test': 'Carl' } }));
    act(() => pane.office.select(null));
    await seen('No message with a recipient is chosen, so what depends on the recipient stays open.');
    expect((screen.getByLabelText(/^Subject/) as HTMLInputElement).value).toBe('Many thanks');
  });

  it('leaves the recipient open where the chosen message is from what is no address', async () => {
    const pane = await openRules({}, { item: fakeRead({ from: { displayName: 'Printer', emailAddress: 'printer@' } }) });
    await press('button', /^Thanks/);
    await press('button', 'Preview');
    await seen('No message with a recipient is chosen, so what depends on the recipient stays open.');
    await waitFor(() => expect(pane.to('POST /v1/followup/preview').at(-1)!.body).not.toHaveProperty('targets'));
  });

  it('says what failed, and looks again when asked', async () => {
    const pane = await openRules({ 'POST /v1/followup/preview': new Refusal(400, 'request.invalid', 'rule.templateBody: too long.') });
    await press('button', /^Thanks/);
    await press('button', 'Preview');
    await seen('rule.templateBody: too long.');
    pane.routes['POST /v1/followup/preview'] = PREVIEW;
    fireEvent.change(screen.getByLabelText(/^Subject/), { target: { value: 'Short' } });
    await seen('Subject: Thank you');
  });
});

describe('a template that is saved by a slow server', () => {
  const slow = () => {
    let answer = (): void => {};
    const waiting = new Promise((resolve) => { answer = () => resolve({ id: 4 }); });
    return { route: () => waiting, answer: () => act(async () => answer()) };
  };

  it('takes no more changes, which would be lost, and asks before it is left', async () => {
    const server = slow();
    await openRules({ 'PUT /v1/followup/rules/{id}': server.route });
    await press('button', /^Thanks/);
    fireEvent.change(screen.getByLabelText(/^Subject/), { target: { value: 'Many thanks' } });
    await press('button', 'Save');
    await screen.findByRole('button', { name: 'Saving…' });
    expect(screen.getByLabelText(/^Subject/).closest('[inert]')).not.toBeNull();
    await press('button', 'Back');
    await seen('Your changes are still being saved.');
    await server.answer();
    await screen.findByRole('button', { name: /^Gentle nudge/ });
  });

  it('closes no other editor that was opened meanwhile', async () => {
    const server = slow();
    const pane = await openRules({ 'PUT /v1/followup/rules/{id}': server.route });
    await press('button', /^Thanks/);
    await press('button', 'Save');
    await press('button', 'Back');
    await press('button', /^Gentle nudge/);
    const before = pane.to('GET /v1/followup/rules').length;
    await server.answer();
    await waitFor(() => expect(pane.to('GET /v1/followup/rules').length).toBeGreaterThan(before));
    await screen.findByRole('button', { name: 'Add a step' });
  });
});

describe('the counts beside templates and sequences', () => {
  const USAGE = { records: [{ ruleId: 4, sent: 12, opensTracked: 9, opened: 5, answersTracked: 12, answered: 3 }] };

  it('say how often each was sent, opened and answered, and what is not counted', async () => {
    await openRules({ 'GET /v1/stats/templates': USAGE });
    await seen('12 sent, 5 of 9 opened, 3 answered');
    await seen('Not used yet');
    await seen(/Mail sent without tracking is not\.$/);
    await press('button', /^Thanks/);
    await seen(/^12 sent, 5 of 9 opened, 3 answered\. /);
  });

  it('keep the list usable when they cannot be read', async () => {
    await openRules({ 'GET /v1/stats/templates': new Refusal(400, 'request.invalid') });
    await seen('The counts can’t be read just now.');
    await press('button', /^Thanks/);
    await screen.findByRole('button', { name: 'Save' });
  });
});

describe('a template that is put into a message', () => {
  const DRAFT = JSON.stringify({ draftId: 'pane-1', code: 'code-0123456789', opens: true, replies: true, links: false, append: '<p>pixel</p>' });
  const open = (properties: Record<string, string>, routes: Routes = {}) => openPane({
    'GET /v1/followup/rules': page([THANKS]), 'POST /v1/followup/preview': PREVIEW,
    'POST /v1/email/draftTracking/create': { trackingCode: 'code-9876543210', pixelHtml: '<p>pixel</p>' }, 'PUT /v1/followup/drafts/{trackingCode}/templates': { status: 'Ok' }, ...routes,
  }, { item: fakeCompose({ properties, to: [{ displayName: 'Bea', emailAddress: 'buyer@playground.test' }] }) });
  const insert = async () => {
    await press('button', 'Template');
    await press('button', /^Thanks/);
    await press('button', 'Insert');
    await screen.findByRole('button', { name: 'Template' });
  };

  it('is told to the server with the draft’s code, so that it counts once the message is sent', async () => {
    const pane = open({ sundial: DRAFT });
    await insert();
    expect(pane.to('PUT /v1/followup/drafts/{trackingCode}/templates').map((r) => [r.path, r.body])).toEqual([['/v1/followup/drafts/code-0123456789/templates', { ruleIds: [4] }]]);
    await insert();
    expect(pane.to('PUT /v1/followup/drafts/{trackingCode}/templates').at(-1)!.body).toEqual({ ruleIds: [4] });
  });

  it('is remembered in an untracked draft, and told when tracking is turned on', async () => {
    const pane = open({});
    await insert();
    expect(pane.to('PUT /v1/followup/drafts/{trackingCode}/templates')).toEqual([]);
    expect((pane.office.item as { properties: Record<string, string> }).properties.sundialTemplates).toBe('[4]');
    await press('switch', /Track this message/);
    await waitFor(() => expect(pane.to('PUT /v1/followup/drafts/{trackingCode}/templates').map((r) => r.path)).toEqual(['/v1/followup/drafts/code-9876543210/templates']));
  });

  describe('by way of “Reply with template”', () => {
    const OPENED = '<div>Thank you, Bea</div><div>It was kind of you to write to us about this.</div><blockquote>Hello</blockquote>';
    const KIND = { ...THANKS, templateBody: '<p>Thank you, {{firstName}}</p><p>It was kind of you to write to us about this.</p>' };
    const reply = async (html: string, conversationId = 'thread-1') => {
      localStorage.clear();
      const pane = openPane({
        'GET /v1/followup/rules': page([KIND, NUDGE]), 'POST /v1/followup/preview': PREVIEW,
        'POST /v1/email/draftTracking/create': { trackingCode: 'code-9876543210', pixelHtml: '<p>pixel</p>' }, 'PUT /v1/followup/drafts/{trackingCode}/templates': { status: 'Ok' },
      }, { item: fakeRead({ from: { displayName: 'Bea', emailAddress: 'bea@shop.test' } }) });
      await press('button', 'Reply with template');
      await press('button', /^Thanks/);
      await press('button', 'Open the reply');
      await screen.findByRole('button', { name: 'Reply with template' });
      // The pane beside the reply, which Outlook opened with the text and nothing else of ours in it.
      act(() => pane.office.select(fakeCompose({ composeType: 'reply', conversationId, html })));
      await press('switch', /Track this message/);
      await screen.findByRole('switch', { name: /On$/ });
      return pane;
    };

    it('is known again in the reply, by its conversation and its text, once that is tracked', async () => {
      const pane = await reply(OPENED);
      await waitFor(() => expect(pane.to('PUT /v1/followup/drafts/{trackingCode}/templates').map((r) => [r.path, r.body])).toEqual([['/v1/followup/drafts/code-9876543210/templates', { ruleIds: [4] }]]));
      expect((pane.office.item as { properties: Record<string, string> }).properties.sundialTemplates).toBe('[4]');
    });

    it.each([['another conversation', OPENED, 'thread-2'], ['a reply in which something else was written', '<div>I would rather not.</div>', 'thread-1']])('does not count for %s', async (_, html, conversationId) => {
      const pane = await reply(html, conversationId);
      expect(pane.to('PUT /v1/followup/drafts/{trackingCode}/templates')).toEqual([]);
    });
  });

  it('stays in the message when the count cannot be told', async () => {
    const pane = open({ sundial: DRAFT }, { 'PUT /v1/followup/drafts/{trackingCode}/templates': new Refusal(500, 'internal') });
    await insert();
    expect((pane.office.item as { inserted: string[] }).inserted).toEqual(['<p>Thank you, Bea</p>']);
    expect(screen.queryByRole('alert')).toBeNull();
  });
});

describe('templates as a file', () => {
  const FILE = { format: 'sundial-templates', version: 1, rules: [{ name: 'New', templateBody: '<p>x</p>' }] };
  const PLAN = {
    dryRun: true, added: 2, rules: [
      { index: 0, name: 'New', outcome: 'add', cleaned: true }, { index: 1, name: 'Thanks', outcome: 'rename', newName: 'Thanks (2)', cleaned: false },
      { index: 2, name: 'Gentle nudge', outcome: 'present', cleaned: false }, { index: 3, name: 'Bad', outcome: 'refuse', cleaned: false, problems: [{ field: 'rules[3].actions[0].intervalDays', message: 'Too small.' }] },
    ],
  };
  const choose = (text: string, name = 'mine.json') => act(async () => {
    fireEvent.change(screen.getByLabelText('File of templates'), { target: { files: [new File([text], name, { type: 'application/json' })] } });
  });

  it('are saved: all of them, or one', async () => {
    const saved: string[] = [];
    vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:x');
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function click(this: HTMLAnchorElement) { saved.push(this.download); });
    const pane = await openRules({ 'GET /v1/followup/rules/export': FILE });
    await press('button', 'Export all');
    await seen('Saved as sundial-templates.json. No file?');
    await press('button', /^Thanks/);
    await press('button', 'Export');
    await seen('Saved as sundial-thanks.json. No file?');
    expect(pane.to('GET /v1/followup/rules/export').map((r) => r.query.get('ruleId'))).toEqual([null, '4']);
    expect(saved).toEqual(['sundial-templates.json', 'sundial-thanks.json']);
    vi.restoreAllMocks();
  });

  it('are shown before they are imported: added, renamed, here already, refused with the field', async () => {
    const pane = await openRules({ 'POST /v1/followup/rules/import': (r: { query: URLSearchParams }) => ({ ...PLAN, dryRun: r.query.get('dryRun') === 'true' }) });
    await press('button', 'Import');
    await choose(JSON.stringify(FILE));
    await seen('mine.json');
    await seen('Will be added.');
    await seen('Parts that could run or load things were taken out of its text.');
    await seen('Will be added as “Thanks (2)”: the name is taken.');
    await seen('Is here already; left as it is.');
    await seen('Step 1, days: Too small.');
    expect(pane.to('POST /v1/followup/rules/import').map((r) => r.query.get('dryRun'))).toEqual(['true']);
    await press('button', 'Import 2');
    expect((await screen.findAllByText('2 were imported.', {}, { timeout: 4000 })).length).toBeGreaterThan(0);
    const [looked, took] = pane.to('POST /v1/followup/rules/import');
    expect([took!.query.get('dryRun'), took!.query.get('skipRefused')]).toEqual(['false', 'true']);
    expect(took!.body).toEqual(looked!.body);
    expect(took!.headers.get('idempotency-key')).not.toBe(looked!.headers.get('idempotency-key'));
  });

  it('are refused with the server’s own word where the version is another', async () => {
    const pane = await openRules({ 'POST /v1/followup/rules/import': new Refusal(400, 'request.invalid', 'version: must be 1, the only version that this server reads.') });
    await press('button', 'Import');
    await choose(JSON.stringify({ ...FILE, version: 9 }));
    await seen('version: must be 1, the only version that this server reads.');
    expect(screen.queryByRole('button', { name: /^Import \d/ })).toBeNull();
    pane.routes['POST /v1/followup/rules/import'] = PLAN;
    fireEvent.change(screen.getByLabelText('Or paste its text'), { target: { value: JSON.stringify(FILE) } });
    await press('button', 'Look at the text');
    await seen('Will be added.');
  });

  it('are not sent at all where a file is no JSON, no object or too large', async () => {
    const pane = await openRules();
    await press('button', 'Import');
    await choose('{"format": ');
    await seen(/^This is not a JSON file: /);
    await choose('[1, 2]');
    await seen('This is not a file of Sundial templates.');
    await choose('x'.repeat(5_000_001));
    await seen(/larger than 5 MB/);
    expect(pane.to('POST /v1/followup/rules/import')).toEqual([]);
  });

  it('bring no prototype with them', () => {
    const parsed = parseTemplatesFile('{"__proto__": {"polluted": true}, "rules": []}');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(Object.keys(parsed)).toEqual(['__proto__', 'rules']);
  });
});
