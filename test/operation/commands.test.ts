import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../../server/cli/commands.ts';
import { helpOf, overview } from '../../server/cli/command.ts';
import { CLIENT_ID, createTestApp, type TestApp } from '../support/app.ts';
import { commandLine } from '../support/cli.ts';
import { deliverRaw } from '../support/mail.ts';

let app: TestApp;
let sundial: ReturnType<typeof commandLine>;
beforeAll(async () => {
  app = await createTestApp();
  sundial = commandLine(app);
});
afterAll(() => app.close());

const basic = (id: string, secret: string): Record<string, string> => ({ authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` });
const dataOf = async <T>(...words: string[]): Promise<T> => (await sundial(...words)).data as T;

interface MadeApp {
  clientId: string;
  clientSecret: string;
  signingSecret: string;
}

describe('sundial app', () => {
  it('creates a client that works at once, and shows its secrets this once', async () => {
    const made = await dataOf<MadeApp>('app', 'create', 'Sales tool', '--return-url', 'https://sales.test/back', '--origin', 'https://sales.test');
    expect((await app.call('GET', '/v1/am/accounts', { headers: basic(made.clientId, made.clientSecret) })).status).toBe(200);
    const listed = await sundial('app', 'list');
    expect(listed.data).toContainEqual(expect.objectContaining({ clientId: made.clientId, name: 'Sales tool', accounts: 0, returnUrls: ['https://sales.test/back'], fromSettings: false }));
    expect(JSON.stringify(listed)).not.toContain(made.clientSecret);
    const kept = await app.deps.db.selectFrom('apps').selectAll().where('client_id', '=', made.clientId).executeTakeFirstOrThrow();
    expect(JSON.stringify(kept)).not.toContain(made.signingSecret);
  });

  it('rotates a secret: the old one ends at once', async () => {
    const made = await dataOf<MadeApp>('app', 'create', 'Rotated');
    const { clientSecret } = await dataOf<MadeApp>('app', 'rotate-secret', made.clientId);
    const status = async (secret: string): Promise<number> => (await app.call('GET', '/v1/am/accounts', { headers: basic(made.clientId, secret) })).status;
    expect([await status(made.clientSecret), await status(clientSecret)]).toEqual([401, 200]);
    expect(await dataOf<MadeApp>('app', 'rotate-secret', made.clientId, '--signing')).toEqual({ clientId: made.clientId, signingSecret: expect.any(String) });
    expect(await status(clientSecret)).toBe(200);
  });

  it('keeps exact lists, which a browser feels at once', async () => {
    const made = await dataOf<MadeApp>('app', 'create', 'Lists');
    expect(await dataOf('app', 'origins', made.clientId, '--add', 'https://one.test', '--add', 'https://two.test')).toEqual(['https://one.test', 'https://two.test']);
    const allowed = async (origin: string) => (await app.call('OPTIONS', '/v1/account', { headers: { origin, 'access-control-request-method': 'GET' } })).headers.get('access-control-allow-origin');
    expect(await allowed('https://two.test')).toBe('https://two.test');
    const called = async (origin: string) => (await app.call('GET', '/v1/am/accounts', { headers: { ...basic(made.clientId, made.clientSecret), origin } })).status;
    expect([await called('https://two.test'), await called('https://three.test')]).toEqual([200, 403]);
    expect(await dataOf('app', 'origins', made.clientId, '--remove', 'https://two.test')).toEqual(['https://one.test']);
    expect(await allowed('https://two.test')).toBeNull();
    expect(await called('https://two.test')).toBe(403);
    expect(await dataOf('app', 'origins', made.clientId)).toEqual(['https://one.test']);
    expect(await dataOf('app', 'return-urls', made.clientId, '--add', 'https://one.test/back')).toEqual(['https://one.test/back']);
  });

  it('lets no other application frame the pane, which is that of the settings', async () => {
    await sundial('app', 'create', 'Framer', '--origin', 'https://framer.test');
    for (const path of ['/addin/taskpane.html', '/addin/auth-return.html', '/docs']) expect((await app.call('GET', path)).headers.get('content-security-policy'), path).not.toContain('framer.test');
  });

  it('refuses what would not be so after the next start, and says where to change it', async () => {
    for (const words of [['app', 'rotate-secret', CLIENT_ID], ['app', 'origins', CLIENT_ID, '--add', 'https://x.test'], ['app', 'return-urls', CLIENT_ID, '--remove', 'https://client.test/return']]) {
      await expect(sundial(...words)).rejects.toThrow('comes from the settings; change SUNDIAL_');
    }
  });

  it.each([
    [['app', 'create', 'Bad', '--origin', 'https://x.test/path'], 'is not an origin'],
    [['app', 'create', 'Bad', '--return-url', 'javascript:alert(1)'], 'is not an address'],
    [['app', 'origins', 'nobody'], 'client id nobody was not found'],
    [['app', 'create'], 'Usage: sundial app create <name>'],
    [['app', 'create', 'A', '--colour', 'red'], 'See sundial app create --help'],
  ])('answers %j with a clear error', async (words, says) => {
    await expect(sundial(...words)).rejects.toThrow(says);
  });
});

describe('sundial account', () => {
  it('makes a mailbox with a password of its own or one from standard input, never from the command line', async () => {
    const made = await dataOf<{ accountId: number; accessToken: string; password: string }>('account', 'create', 'Ada@hosted.test', '--name', 'Ada', '--timezone', 'Europe/Berlin');
    expect((await app.call('GET', '/v1/account', { as: made.accessToken })).body).toMatchObject({ id: made.accountId, email: 'Ada@hosted.test', timezone: 'Europe/Berlin' });
    const connect = (email: string, password: string) => app.call('POST', '/v1/am/accounts/connect', { basic: true, body: { serviceType: 'Hosted', email, password, active: true } });
    expect((await connect('ada@hosted.test', made.password)).body).toMatchObject({ status: 'Ok' });
    const typed = await commandLine(app, { line: 'from the keyboard' })('account', 'create', 'bea@hosted.test', '--password-stdin');
    expect(typed.data).not.toHaveProperty('password');
    expect((await connect('bea@hosted.test', 'from the keyboard')).status).toBe(200);
    await expect(sundial('account', 'create', 'eve@hosted.test', '--password', 'secret')).rejects.toThrow('--help');
  });

  it('lists accounts, by domain where asked', async () => {
    await sundial('account', 'create', 'cleo@hosted.test');
    expect(await dataOf<{ email: string }[]>('account', 'list', '--domain', 'HOSTED.test')).toContainEqual(expect.objectContaining({ email: 'cleo@hosted.test', clientId: CLIENT_ID }));
    expect(await dataOf('account', 'list', '--domain', 'other.test')).toEqual([]);
  });

  it('deletes only what was named twice', async () => {
    const { accessToken } = await dataOf<{ accessToken: string }>('account', 'create', 'dan@hosted.test');
    await expect(sundial('account', 'delete', 'dan@hosted.test')).rejects.toThrow('add --yes dan@hosted.test');
    await expect(sundial('account', 'delete', 'dan@hosted.test', '--yes', 'ada@hosted.test')).rejects.toThrow('cannot be undone');
    expect((await app.call('GET', '/v1/account', { as: accessToken })).status).toBe(200);
    await sundial('account', 'delete', 'dan@hosted.test', '--yes', 'dan@hosted.test');
    expect((await app.call('GET', '/v1/account', { as: accessToken })).status).toBe(401);
    await expect(sundial('account', 'delete', 'dan@hosted.test', '--yes', 'dan@hosted.test')).rejects.toThrow('was not found');
  });

  it('says which domains there are where an address is of another', async () => {
    await expect(sundial('account', 'create', 'x@elsewhere.test')).rejects.toThrow('@elsewhere.test is not served here; hosted.test');
    await expect(sundial('account', 'create', 'x@hosted.test', '--timezone', 'Mars/Olympus')).rejects.toThrow('timezone');
  });
});

describe('sundial domain', () => {
  it('adds a domain whose mail the running server takes at once', async () => {
    await expect(deliverRaw(app, 'new@added.test', 'Subject: Hi\n\nHello')).rejects.toThrow('Relaying denied');
    expect(await dataOf('domain', 'add', 'Added.test')).toEqual({ domain: 'added.test', added: true });
    await expect.poll(() => app.deps.domains.all).toContain('added.test');
    const { accessToken } = await dataOf<{ accessToken: string }>('account', 'create', 'new@added.test');
    await deliverRaw(app, 'new@added.test', 'Subject: Hi\n\nHello');
    await app.drain();
    expect((await app.call('GET', '/v1/email/messages', { as: accessToken })).body.records).toMatchObject([{ subject: 'Hi' }]);
    expect(await dataOf('domain', 'add', 'added.test')).toEqual({ domain: 'added.test', added: false });
    expect(await dataOf('domain', 'list')).toContainEqual({ domain: 'added.test', mailboxes: 1, from: 'domain add', stored: true });
  });

  it('keeps a domain that has mailboxes, and one of the settings', async () => {
    await sundial('domain', 'add', 'kept.test');
    await expect.poll(() => app.deps.domains.all).toContain('kept.test');
    await sundial('account', 'create', 'one@kept.test');
    await expect(sundial('domain', 'remove', 'kept.test')).rejects.toThrow('has 1 mailboxes');
    await expect(sundial('domain', 'remove', 'hosted.test')).rejects.toThrow('stands in HOSTED_DOMAINS');
    await expect(sundial('domain', 'add', 'not a domain')).rejects.toThrow('a mail domain such as example.com');
    await sundial('domain', 'add', 'empty.test');
    await sundial('domain', 'remove', 'empty.test');
    await expect.poll(() => app.deps.domains.all).not.toContain('empty.test');
  });
});

describe('the help', () => {
  it('names every command, and every command its values and options', () => {
    const all = overview(commands);
    for (const command of commands) {
      expect(all).toContain(command.name);
      const help = helpOf(command);
      for (const option of [...Object.keys(command.options), 'json']) expect(help).toContain(`--${option}`);
      for (const value of command.takes) expect(help).toContain(`<${value}>`);
    }
    for (const line of all.split('\n')) expect(line.length, line).toBeLessThan(140);
  });
});
