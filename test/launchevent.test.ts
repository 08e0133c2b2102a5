import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import ts from 'typescript';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fakeCompose, installFakeOffice, type FakeCompose, type FakeOffice } from '../addin/office/fake.ts';
import { createTestApp, type TestApp } from './support/app.ts';
import { builtScript, eventRuntime, type EventRuntime, type RuntimeOptions, type Trouble } from './support/event-runtime.ts';
import { link, mailbox } from './support/signin.ts';

const LETS_GO = { allowEvent: true };
const BUYER = { displayName: 'Bea', emailAddress: 'Buyer@Shop.test' };

describe('the file of the events', () => {
  const file = ts.createSourceFile('launchevent.js', builtScript(), ts.ScriptTarget.ESNext, true, ts.ScriptKind.JS);
  const nodes: ts.Node[] = [];
  const walk = (node: ts.Node): void => {
    nodes.push(node);
    ts.forEachChild(node, walk);
  };
  walk(file);

  it('is one script without imports', () => {
    const imports = nodes.filter((n) => ts.isImportDeclaration(n) || (ts.isCallExpression(n) && (n.expression.kind === ts.SyntaxKind.ImportKeyword || n.expression.getText() === 'require')));
    expect(imports.map((n) => n.getText())).toEqual([]);
  });

  it('holds nothing that the engine of older classic Outlook fails on: the conditional operator, async, anything after ES2016', () => {
    const refused = new Set([
      ts.SyntaxKind.ConditionalExpression, ts.SyntaxKind.AwaitExpression, ts.SyntaxKind.AsyncKeyword, ts.SyntaxKind.QuestionDotToken, ts.SyntaxKind.QuestionQuestionToken,
      ts.SyntaxKind.SpreadAssignment, ts.SyntaxKind.PropertyDeclaration, ts.SyntaxKind.PrivateIdentifier, ts.SyntaxKind.BigIntLiteral,
      ts.SyntaxKind.QuestionQuestionEqualsToken, ts.SyntaxKind.BarBarEqualsToken, ts.SyntaxKind.AmpersandAmpersandEqualsToken,
    ]);
    const restInObject = (n: ts.Node): boolean => ts.isBindingElement(n) && n.dotDotDotToken !== undefined && ts.isObjectBindingPattern(n.parent);
    const bareCatch = (n: ts.Node): boolean => ts.isCatchClause(n) && !n.variableDeclaration;
    expect(nodes.filter((n) => refused.has(n.kind) || restInObject(n) || bareCatch(n)).map((n) => n.getText())).toEqual([]);
    const names = new Set(nodes.filter(ts.isPropertyAccessExpression).map((n) => n.name.text));
    for (const later of ['finally', 'allSettled', 'fromEntries', 'entries', 'values', 'flat', 'flatMap', 'at', 'replaceAll', 'padStart', 'findLast']) expect(names).not.toContain(later);
  });

  it('touches no page, no storage and nothing else that engine lacks', () => {
    const names = new Set(nodes.filter(ts.isIdentifier).map((n) => n.text));
    for (const name of ['document', 'window', 'self', 'location', 'navigator', 'localStorage', 'sessionStorage', 'crypto', 'URL', 'URLSearchParams', 'AbortController', 'DOMParser', 'TextEncoder', 'structuredClone', 'queueMicrotask', 'onReady', 'officeTheme']) {
      expect(names, name).not.toContain(name);
    }
  });
});

/** Outlook's state, and its Office.js as the engine of the events has it. */
function outlook(item: FakeCompose | null, token: () => string = () => 'token', mailboxSet?: number): { fake: FakeOffice; office: object } {
  const fake = installFakeOffice({ item, token, ...(mailboxSet === undefined ? {} : { mailboxSet }) });
  const { onReady, ...office } = (globalThis as unknown as { Office: Record<string, unknown> }).Office;
  expect(onReady).toBeTypeOf('function');
  return { fake, office };
}

const untouched = { appended: null, headers: {}, properties: {}, infoBar: {} };

describe('with a server', () => {
  let app: TestApp;
  let script: string;
  let identity: string;
  let as: string;
  beforeAll(async () => {
    app = await createTestApp();
    const { email, accessToken } = await mailbox(app, 'ann@hosted.test');
    as = accessToken;
    identity = (await link(app, 'ann@outlook.test', email)).token;
    script = (await app.call('GET', '/addin/launchevent.js')).body;
  });
  afterAll(() => app.close());
  beforeEach(() => policy({ policy: 'on' }));

  const policy = (body: object) => app.call('PUT', '/v1/email/tracking/policy', { basic: true, body });
  const trackings = async () => (await app.call('GET', '/v1/email/tracking', { as, query: { showSentOnly: false } })).body.records;
  const start = (item: FakeCompose, { roaming = {}, ...options }: Partial<RuntimeOptions> & { roaming?: Record<string, unknown> } = {}): EventRuntime => {
    const { fake, office } = outlook(item, () => identity);
    Object.assign(fake.roaming, roaming);
    return eventRuntime({ office, script, ...options });
  };
  const compose = async (item: FakeCompose, options?: Parameters<typeof start>[1]) => start(item, options).raise('onNewMessageCompose');

  it('a new message starts tracked where the organisation says so, and says it above the message', async () => {
    await policy({ policy: 'on', trackNewMessages: true });
    const item = fakeCompose();
    expect(await compose(item)).toMatchObject({ options: undefined });
    const [tracking] = await trackings();
    expect(item.appended).toContain(`/t/${tracking.trackingCode}.gif`);
    expect(item.headers).toEqual({ 'x-sundial-id': tracking.trackingCode });
    expect(JSON.parse(item.properties.sundial!)).toMatchObject({ code: tracking.trackingCode, opens: true, replies: true, links: false, append: item.appended });
    expect(Object.values(item.infoBar)).toEqual(['Sundial: opens and replies tracked.']);
    expect(item.html).toBe('<p>Hello</p>');
  });

  it('starts untracked where nobody said so, and nothing is prepared', async () => {
    const before = (await trackings()).length;
    const item = fakeCompose();
    const runtime = start(item);
    await runtime.raise('onNewMessageCompose');
    expect(item).toMatchObject(untouched);
    expect(runtime.requests).toEqual(['GET /v1/email/tracking/policy']);
    expect((await trackings()).length).toBe(before);
  });

  it('the person’s last choice goes before the organisation’s default, both ways', async () => {
    const on = fakeCompose();
    await compose(on, { roaming: { tracking: JSON.stringify({ on: true, opens: false, replies: true, links: true }) } });
    expect(Object.values(on.infoBar)).toEqual(['Sundial: replies tracked.']);
    expect(on.appended).toBeNull();
    await policy({ policy: 'on', trackNewMessages: true });
    const off = fakeCompose();
    const runtime = start(off, { roaming: { tracking: JSON.stringify({ on: false, opens: true, replies: true, links: false }) } });
    await runtime.raise('onNewMessageCompose');
    expect(off).toMatchObject(untouched);
    expect(runtime.requests).toEqual([]);
  });

  it('a reply and a forward start untracked', async () => {
    await policy({ policy: 'on', trackNewMessages: true });
    for (const composeType of ['reply', 'forward'] as const) {
      const item = fakeCompose({ composeType });
      await compose(item);
      expect(item).toMatchObject(untouched);
    }
  });

  it('keeps to what the organisation allows and to what plain text can hold', async () => {
    await policy({ policy: 'repliesOnly', trackNewMessages: true });
    const repliesOnly = fakeCompose();
    await compose(repliesOnly);
    expect(repliesOnly.appended).toBeNull();
    expect(Object.values(repliesOnly.infoBar)).toEqual(['Sundial: replies tracked.']);
    await policy({ policy: 'off', trackNewMessages: true });
    const off = fakeCompose();
    await compose(off);
    expect(off).toMatchObject(untouched);
    await policy({ policy: 'on', trackNewMessages: true });
    const plain = fakeCompose({ bodyType: 'text' });
    await compose(plain);
    expect(plain.appended).toBeNull();
    expect(Object.values(plain.infoBar)).toEqual(['Sundial: replies tracked.']);
  });

  it('prepares the draft under the id that the pane has chosen for it: one code, whoever is first', async () => {
    await policy({ policy: 'on', trackNewMessages: true });
    const made = (await app.call('POST', '/v1/email/draftTracking/create', { as, query: { draftId: 'pane-1', ignoreNotFound: true }, body: { tracking: { opens: true } } })).body;
    const item = fakeCompose({ session: { sundialDraft: 'pane-1' } });
    await compose(item);
    expect(item.headers['x-sundial-id']).toBe(made.trackingCode);
    const alone = fakeCompose();
    await compose(alone);
    expect(alone.session.sundialDraft).toBe(JSON.parse(alone.properties.sundial!).draftId);
  });

  it('does not turn on what the person has turned off meanwhile', async () => {
    await policy({ policy: 'on', trackNewMessages: true });
    const before = fakeCompose({ session: { sundialDraft: 'off' } });
    await compose(before);
    expect(before).toMatchObject(untouched);
    const during = fakeCompose();
    await compose(during, { troubleOf: (call) => {
      if (call.endsWith('getUserIdentityTokenAsync')) queueMicrotask(() => setTimeout(() => { during.session.sundialDraft = 'off'; }, 5));
      return undefined;
    } });
    expect(during.infoBar).toEqual({});
  });

  it.each(['item.body.appendOnSendAsync', 'item.internetHeaders.setAsync', 'item.loadCustomPropertiesAsync', 'mailbox.getUserIdentityTokenAsync', 'item.getComposeTypeAsync'])('leaves the message as it was where Outlook refuses %s', async (call) => {
    await policy({ policy: 'on', trackNewMessages: true });
    for (const trouble of ['fails', 'throws'] as const) {
      const item = fakeCompose();
      await compose(item, { troubleOf: (name) => (name.endsWith(call) ? trouble : undefined) });
      expect(item).toMatchObject(untouched);
    }
  });

  it('leaves the message as it was where the mailbox is not linked to Sundial', async () => {
    const item = fakeCompose();
    const { office } = outlook(item, () => 'not.a.token');
    await eventRuntime({ office, script }).raise('onNewMessageCompose');
    expect(item).toMatchObject(untouched);
  });

  it('Send reports a tracked message within a second, with its people and its subject, and lets it go', async () => {
    await policy({ policy: 'on', trackNewMessages: true });
    const item = fakeCompose();
    await compose(item);
    item.to = [BUYER];
    item.subject = 'Our offer';
    const sent = await start(item).raise('onMessageSend');
    expect(sent.options).toEqual(LETS_GO);
    expect(sent.afterMs).toBeLessThan(1000);
    const [tracking] = (await app.call('GET', '/v1/email/tracking', { as, query: { trackingCode: item.headers['x-sundial-id']! } })).body.records;
    expect(tracking).toMatchObject({ subject: 'Our offer', recipients: ['buyer@shop.test'] });
  });

  it('Send of an untracked message goes at once, without a word to the server', async () => {
    const runtime = start(fakeCompose({ to: [BUYER] }));
    expect((await runtime.raise('onMessageSend')).options).toEqual(LETS_GO);
    expect(runtime.requests).toEqual([]);
  });
});

describe('whatever happens, Send goes on', () => {
  const TRACKED = { properties: { sundial: JSON.stringify({ opens: true, replies: true, links: false, draftId: 'd', code: 'c', append: '', report: 'r' }) }, to: [BUYER] };
  let hanging: Server;
  let reached: number;
  const addressOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  beforeAll(async () => {
    hanging = createServer(() => { reached += 1; });
    await new Promise<void>((done) => { hanging.listen(0, '127.0.0.1', done); });
  });
  beforeEach(() => { reached = 0; });
  afterAll(() => {
    hanging.closeAllConnections();
    hanging.close();
  });
  const send = async (options: Partial<RuntimeOptions> & { item?: FakeCompose | null } = {}) => {
    const { item = fakeCompose(TRACKED), ...rest } = options;
    const runtime = eventRuntime({ office: outlook(item).office, ...rest });
    const completion = await runtime.raise('onMessageSend');
    return { ...completion, runtime };
  };

  it('after a second where the server does not answer, and no second time when it does', async () => {
    const { options, afterMs, runtime } = await send({ server: addressOf(hanging) });
    expect(options).toEqual(LETS_GO);
    expect(reached).toBe(1);
    expect(afterMs).toBeGreaterThan(800);
    expect(afterMs).toBeLessThan(1500);
    hanging.closeAllConnections();
    await new Promise((done) => setTimeout(done, 50));
    expect(runtime.completions()).toBe(1);
  });

  it.each([
    ['nobody listens', { server: 'http://127.0.0.1:9' }],
    ['the file was not served by Sundial', { script: builtScript() }],
    ['the engine has no fetch', { without: ['fetch'] as const }],
    ['the engine has no timers', { without: ['setTimeout'] as const }],
    ['there is no item', { item: null }],
    ['the stored state is damaged', { item: fakeCompose({ properties: { sundial: '{"code":' } }) }],
    ['the draft is of an older version', { item: fakeCompose({ properties: { sundial: '{"code":"c","draftId":"d"}' } }) }],
  ])('at once where %s', async (_, options) => {
    const { options: given, runtime } = await send(options);
    expect(given).toEqual(LETS_GO);
    expect(runtime.completions()).toBe(1);
  });

  it('and a new message stays as it was where the server is away', async () => {
    const item = fakeCompose();
    const { fake, office } = outlook(item);
    fake.roaming.tracking = JSON.stringify({ on: true });
    await eventRuntime({ office }).raise('onNewMessageCompose');
    expect(item).toMatchObject(untouched);
  });

  it('once, with any of Outlook’s calls failing, throwing or never answering', async () => {
    const calls = ['context.mailbox.item.loadCustomPropertiesAsync', 'context.mailbox.item.to.getAsync', 'context.mailbox.item.cc.getAsync', 'context.mailbox.item.bcc.getAsync', 'context.mailbox.item.subject.getAsync'];
    const trouble = fc.constantFrom<Trouble>(undefined, 'fails', 'throws', 'hangs');
    await fc.assert(fc.asyncProperty(fc.array(trouble, { minLength: calls.length, maxLength: calls.length }), async (troubles) => {
      const { options, afterMs, runtime } = await send({ troubleOf: (call) => troubles[calls.indexOf(call)] });
      expect(options).toEqual(LETS_GO);
      expect(afterMs).toBeLessThan(1500);
      expect(runtime.completions()).toBe(1);
    }), { numRuns: 12 });
  });
});
