import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDraft, type ComposeDraft } from '../../addin/playground/compose-draft.ts';
import { connectPane, type Methods, type PaneBridge } from '../../addin/playground/bridge.ts';
import { failed, toFailure } from '../../addin/playground/host/failures.ts';
import { dialogOffice, noOffice, paneOffice } from '../../addin/playground/host/office.ts';
import { frameTransport, type Transport } from '../../addin/playground/host/transport.ts';
import type { HostState, Item } from '../../addin/playground/protocol.ts';
import { editable } from '../../addin/playground/editable.ts';
import { formatRecipients, parseRecipients, unreadableRecipients } from '../../addin/playground/text.ts';

/** The playground's Office.js against what Outlook's documentation promises, with the page's real draft behind it. */
interface Result {
  status: string;
  value: unknown;
  error?: { name: string; code: number };
  asyncContext?: unknown;
}
type Member = (...args: unknown[]) => void;
// The host is called as an add-in would call it: by name, through members that the tests pick at run time.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Loose = any;

const user = { displayName: 'Yuki', emailAddress: 'you@playground.test' };
const state = (item: Item | null): HostState => ({ user, timeZone: 'Europe/Berlin', dark: false, item, roamingSettings: {} });
const read = (id: string): Item => ({
  mode: 'read', key: `read-${id}`, itemId: id, conversationId: 't1', internetMessageId: `<${id}@x>`, subject: 'Re: Hello', from: user, to: [], cc: [],
  created: '2026-11-21T10:00:00Z', attachments: [],
});

function call(start: (done: (result: Result) => void) => void): Promise<Result> {
  return new Promise((resolve) => start(resolve));
}

/** A pane over a page that shows one draft, or whatever `methods` answers. */
async function host(item: Item | null, methods: () => Methods) {
  let tell: (next: HostState) => void = () => {};
  let shown = item;
  const transport: Transport = {
    async call(method, args, key) {
      if (key !== undefined && key !== shown?.key) throw failed('APICallFailedDueToItemChange');
      const found = methods()[method] as Member | undefined;
      if (!found) throw failed('OperationNotSupported');
      return found(...args);
    },
    onState(heard) {
      tell = heard;
      heard(state(item));
    },
    onEvent: () => {},
  };
  const office = paneOffice(window, transport) as Loose;
  await office.onReady();
  return { office, show(next: Item | null) {
    shown = next;
    tell(state(next));
  } };
}

describe('a message that is being written', () => {
  let draft: ComposeDraft;
  let item: Loose;
  beforeEach(async () => {
    draft = createDraft({ subject: 'Hello', html: '<p>Body</p>', to: [{ displayName: 'Bea', emailAddress: 'buyer@playground.test' }] });
    draft.openEditor();
    const { office } = await host({ mode: 'compose', key: draft.key, conversationId: null, inReplyTo: null }, () => draft.methods(
      async () => (draft.draftId = 'draft-1'), () => {}, user));
    item = office.context.mailbox.item;
  });

  it('takes 5,000 characters to append on send, and not one more', async () => {
    expect(await call((done) => item.body.appendOnSendAsync('x'.repeat(5000), { coercionType: 'html' }, done))).toMatchObject({ status: 'succeeded' });
    expect(await call((done) => item.body.appendOnSendAsync('x'.repeat(5001), { coercionType: 'html' }, done))).toMatchObject({ status: 'failed', error: { name: 'DataExceedsMaximumSize' } });
    expect(draft.insertions.append).toBe('x'.repeat(5000));
  });

  it('takes an append back with null', async () => {
    await call((done) => item.body.appendOnSendAsync('<img>', { coercionType: 'html' }, done));
    await call((done) => item.body.appendOnSendAsync(null, { coercionType: 'html' }, done));
    expect(draft.insertions.append).toBe('');
  });

  it('refuses HTML for a plain text body, and takes text', async () => {
    draft.change({ bodyType: 'text' });
    draft.openEditor();
    for (const method of ['setAsync', 'prependAsync', 'setSelectedDataAsync', 'appendOnSendAsync', 'prependOnSendAsync', 'setSignatureAsync']) {
      expect(await call((done) => item.body[method]('<b>x</b>', { coercionType: 'html' }, done)), method).toMatchObject({ error: { name: 'InvalidFormatError' } });
    }
    expect(await call((done) => item.body.setAsync('plain', { coercionType: 'text' }, done))).toMatchObject({ status: 'succeeded' });
    expect((await call((done) => item.body.getTypeAsync(done))).value).toBe('text');
  });

  it('writes text where the coercion type is left out', async () => {
    await call((done) => item.body.setAsync('<b>x</b>', done));
    expect(draft.bodyHtml()).toBe('&lt;b&gt;x&lt;/b&gt;');
  });

  it('has no id before it is saved, and a conversation only when it belongs to one', async () => {
    expect(await call((done) => item.getItemIdAsync(done))).toMatchObject({ status: 'failed', error: { name: 'ItemNotSaved', code: 9046 } });
    expect((await call((done) => item.saveAsync(done))).value).toBe('draft-1');
    expect((await call((done) => item.getItemIdAsync(done))).value).toBe('draft-1');
    expect(item.conversationId).toBeNull();
  });

  it('gives the caller’s context back, and calls back later only', async () => {
    let called = false;
    const done = call((cb) => item.subject.getAsync({ asyncContext: 42 }, (result: Result) => {
      called = true;
      cb(result);
    }));
    expect(called).toBe(false);
    expect(await done).toMatchObject({ value: 'Hello', asyncContext: 42 });
  });

  it('limits the subject to 255 characters and one call to 100 recipients', async () => {
    expect(await call((done) => item.subject.setAsync('x'.repeat(256), done))).toMatchObject({ error: { name: 'DataExceedsMaximumSize' } });
    expect(await call((done) => item.to.setAsync(Array.from({ length: 101 }, (_, i) => `a${i}@b.test`), done))).toMatchObject({ error: { name: 'NumberOfRecipientsExceeded' } });
    await call((done) => item.to.addAsync([{ displayName: 'Carl', emailAddress: 'carl@b.test' }, 'dora@b.test'], done));
    expect((await call((done) => item.to.getAsync(done))).value).toMatchObject([{ emailAddress: 'buyer@playground.test' }, { displayName: 'Carl', emailAddress: 'carl@b.test' }, { emailAddress: 'dora@b.test' }]);
  });

  it('holds 2,500 characters of custom properties; nothing is kept before saveAsync', async () => {
    const properties = (await call((done) => item.loadCustomPropertiesAsync(done))).value as Loose;
    properties.set('code', 'abc');
    expect(draft.properties()).toEqual({});
    await call((done) => properties.saveAsync(done));
    expect(draft.properties()).toEqual({ code: 'abc' });
    properties.set('big', 'x'.repeat(2500));
    expect(() => properties.saveAsync(() => {})).toThrow(RangeError);
  });

  it('shows notifications of at most 150 characters, five at a time, each key once', async () => {
    const bar = (message: string) => ({ type: 'informationalMessage', message, icon: 'i', persistent: true });
    const add = (key: string, message = 'x') => call((done) => item.notificationMessages.addAsync(key, bar(message), done));
    expect(await add('a', 'x'.repeat(150))).toMatchObject({ status: 'succeeded' });
    expect(await add('b', 'x'.repeat(151))).toMatchObject({ error: { name: 'InvalidParameterValueError' } });
    expect(await add('a')).toMatchObject({ error: { name: 'DuplicateNotificationKey' } });
    for (const key of ['b', 'c', 'd', 'e']) await add(key);
    expect(await add('f')).toMatchObject({ error: { name: 'NumberOfNotificationsExceeded' } });
    expect(await call((done) => item.notificationMessages.removeAsync('zz', done))).toMatchObject({ error: { name: 'NotificationKeyNotFound' } });
    expect(await call((done) => item.notificationMessages.replaceAsync('a', bar('new'), done))).toMatchObject({ status: 'succeeded' });
    expect(await call((done) => item.notificationMessages.addAsync('g', { type: 'insightMessage', message: 'x' }, done))).toMatchObject({ status: 'failed' });
  });

  it('sets internet headers, but none that would make a new line', async () => {
    await call((done) => item.internetHeaders.setAsync({ 'X-Sundial-Id': 'abc' }, done));
    expect((await call((done) => item.internetHeaders.getAsync(['x-sundial-id'], done))).value).toEqual({ 'X-Sundial-Id': 'abc' });
    expect(await call((done) => item.internetHeaders.setAsync({ 'X-A': 'b\r\nBcc: c@d.test' }, done))).toMatchObject({ status: 'failed' });
    await call((done) => item.internetHeaders.removeAsync(['X-Sundial-Id'], done));
    expect(draft.headers).toEqual({});
  });

  it('fails, instead of being absent, where the playground carries nothing out', async () => {
    expect(await call((done) => item.addFileAttachmentAsync('https://x.test/a', 'a', done))).toMatchObject({ error: { name: 'OperationNotSupported' } });
  });

  it('never loads a remote image in the editor, and sends it unchanged', async () => {
    await call((done) => item.body.setAsync('<p>x</p><img src="https://t.test/p.png">', { coercionType: 'html' }, done));
    expect(editable('<img src="https://t.test/p.png">').querySelector('img')!.hasAttribute('src')).toBe(false);
    expect(draft.bodyHtml()).toBe('<p>x</p><img src="https://t.test/p.png">');
  });
});

describe('what somebody else wrote, in the editor', () => {
  const shown = (html: string): string => {
    const box = document.createElement('div');
    box.append(editable(html));
    return box.innerHTML;
  };

  it('keeps what a mail is made of', () => {
    const mail = '<p style="margin: 0 0 8px; color: rgb(1, 2, 3)">a <b>b</b> <a href="https://a.test/?x=1">c</a></p><table cellpadding="0"><tbody><tr><td align="left">d</td></tr></tbody></table>';
    expect(shown(mail)).toBe(mail);
    expect(shown('<center><font color="red">a</font></center><details><summary>b</summary>c</details>')).toBe('<center><font color="red">a</font></center>bc');
  });

  it('holds no address that runs, whatever stands before or within it', () => {
    for (const href of ['javascript:x', 'java\tscript:x', 'java\nscript:x', '\u0001javascript:x', ' javascript:x', 'data:text/html,x', 'blob:x', 'ms-msdt:/id', '//evil.test', '/v1/user', '#x']) {
      const link = document.createElement('a');
      link.setAttribute('href', href);
      link.textContent = 'a';
      expect([href, shown(link.outerHTML)]).toEqual([href, '<a>a</a>']);
    }
  });

  it('loads nothing, names nothing and covers nothing', () => {
    expect(shown('<p id="root" name="x" class="strip" onclick="x" style="position:fixed;inset:0;background:url(https://evil.test);color:red">a</p>')).toBe('<p style="color:red">a</p>');
    expect(shown('<picture><source srcset="https://evil.test/a"><img src="javascript:x" srcset="https://evil.test/a 1x" alt="a"></picture>')).toBe('<img alt="a">');
    expect(shown('<form action="https://evil.test"><input name="a"><button formaction="x">go</button><textarea>t</textarea></form>')).toBe('go');
    expect(shown('<svg><a href="javascript:x">a</a></svg><math href="javascript:x">b</math><style>*{}</style><title>t</title>')).toBe('');
  });
});

describe('the mailbox', () => {
  it('says who it is, and which requirement sets it has', async () => {
    const { office } = await host(null, () => ({}));
    expect(await office.onReady()).toEqual({ host: 'Outlook', platform: 'OfficeOnline' });
    const has = (set: string, version: string): boolean => office.context.requirements.isSetSupported(set, version);
    expect(['1.1', '1.9', '1.14'].map((v) => has('Mailbox', v))).toEqual([true, true, true]);
    expect(has('Mailbox', '1.15')).toBe(false);
    expect(has('NestedAppAuth', '1.1')).toBe(false);
    expect(office.context.mailbox.userProfile).toMatchObject({ emailAddress: 'you@playground.test', accountType: 'enterprise' });
    expect(office.context.mailbox.item).toBeNull();
    expect(office.context.officeTheme).toMatchObject({ isDarkTheme: false });
  });

  it('raises ItemChanged when another message is chosen, and when none is', async () => {
    const { office, show } = await host(read('m1'), () => ({}));
    const heard = vi.fn();
    await call((done) => office.context.mailbox.addHandlerAsync(office.EventType.ItemChanged, heard, done));
    show(read('m1'));
    expect(heard).not.toHaveBeenCalled();
    show(read('m2'));
    expect(heard).toHaveBeenCalledTimes(1);
    expect(office.context.mailbox.item).toMatchObject({ itemId: 'm2', normalizedSubject: 'Hello' });
    show(null);
    expect(office.context.mailbox.item).toBeNull();
    await call((done) => office.context.mailbox.removeHandlerAsync(office.EventType.ItemChanged, done));
    show(read('m1'));
    expect(heard).toHaveBeenCalledTimes(2);
  });

  it('fails a call for a message that is no longer chosen', async () => {
    const { office, show } = await host(read('m1'), () => ({ 'body.get': () => 'secret of another message' }));
    const first = office.context.mailbox.item;
    show(read('m2'));
    expect(await call((done) => first.body.getAsync('html', done))).toMatchObject({ status: 'failed', error: { name: 'APICallFailedDueToItemChange', code: 9030 } });
  });

  it('passes the Exchange’s refusal on as GenericTokenError, and has no single sign-on', async () => {
    const { office } = await host(null, () => ({ identityToken: () => {
      throw failed('GenericTokenError');
    } }));
    expect(await call((done) => office.context.mailbox.getUserIdentityTokenAsync(done))).toMatchObject({ error: { name: 'GenericTokenError', code: 9018 } });
    await expect(office.context.auth.getAccessToken()).rejects.toMatchObject({ code: 13012 });
  });

  it('refuses an event that the object does not have', async () => {
    const { office } = await host(null, () => ({}));
    expect(await call((done) => office.context.mailbox.addHandlerAsync('nonsense', () => {}, done))).toMatchObject({ status: 'failed' });
  });

  it('keeps 32 KB of roaming settings', async () => {
    const { office } = await host(null, () => ({ 'roaming.save': () => undefined }));
    office.context.roamingSettings.set('a', 'x'.repeat(40_000));
    expect(await call((done) => office.context.roamingSettings.saveAsync(done))).toMatchObject({ error: { name: 'GenericSettingsError' } });
  });
});

describe('the dialog API', () => {
  afterEach(() => vi.restoreAllMocks());
  const open = async (url: string) => {
    const { office } = await host(null, () => ({}));
    return { office, result: await call((done) => office.context.ui.displayDialogAsync(url, {}, done)) };
  };

  it.each([
    ['https://elsewhere.test/', 12004], ['not a url', 12004], [`https://${location.hostname}:1/`, location.protocol === 'https:' ? 12011 : 12005],
  ])('answers %s with error %i', async (url, code) => {
    vi.spyOn(window, 'open').mockReturnValue(null);
    expect((await open(url)).result).toMatchObject({ status: 'failed', error: { code } });
  });

  it('says 12011 where the browser blocks the window, and 12007 while one is open', async () => {
    const opening = vi.spyOn(window, 'open').mockReturnValue(null);
    const url = `${location.origin}/dialog.html`;
    expect((await open(url)).result).toMatchObject({ error: { code: 12011 } });
    const dialog = { closed: false, close() {
      this.closed = true;
    }, postMessage: () => {} };
    opening.mockReturnValue(dialog as unknown as Window);
    const { office, result } = await open(url);
    expect(result.status).toBe('succeeded');
    expect(await call((done) => office.context.ui.displayDialogAsync(url, {}, done))).toMatchObject({ error: { code: 12007 } });

    const handlers = { message: vi.fn(), event: vi.fn() };
    const opened = result.value as Loose;
    opened.addEventHandler(office.EventType.DialogMessageReceived, handlers.message);
    opened.addEventHandler(office.EventType.DialogEventReceived, handlers.event);
    const say = (origin: string, source: unknown) => window.dispatchEvent(new MessageEvent('message', { data: { sundial: 'dialog', kind: 'toParent', message: 'hi' }, origin, source: source as Window }));
    say('https://elsewhere.test', dialog);
    say(location.origin, {});
    expect(handlers.message).not.toHaveBeenCalled();
    say(location.origin, dialog);
    expect(handlers.message).toHaveBeenCalledWith(expect.objectContaining({ message: 'hi', origin: location.origin }));
    dialog.closed = true;
    await vi.waitFor(() => expect(handlers.event).toHaveBeenCalledWith(expect.objectContaining({ error: 12006 })));
  });

  it('lets a dialog speak to the page that opened it, on its own origin only', () => {
    const opener = { postMessage: vi.fn() };
    const office = dialogOffice(window, opener as unknown as Window) as Loose;
    office.context.ui.messageParent('code', { targetOrigin: 'https://elsewhere.test' });
    expect(opener.postMessage).not.toHaveBeenCalled();
    office.context.ui.messageParent('code', { targetOrigin: location.origin });
    expect(opener.postMessage).toHaveBeenCalledWith({ sundial: 'dialog', kind: 'toParent', message: 'code' }, location.origin);
  });

  it('reports no host in a page of its own, as Office.js does outside Outlook', async () => {
    expect(await (noOffice() as Loose).onReady()).toEqual({ host: null, platform: null });
  });
});

describe('the line between page and pane', () => {
  let bridge: PaneBridge;
  afterEach(() => bridge.close());

  it('listens to its own frame on its own origin, and to nobody else', async () => {
    const posted: Loose[] = [];
    const contentWindow = { postMessage: (message: unknown, target: string) => posted.push({ message, target }) };
    const identityToken = vi.fn(() => 'token');
    bridge = connectPane({ contentWindow } as unknown as HTMLIFrameElement, state(null), () => ({ identityToken }));
    const say = (origin: string, source: unknown) => window.dispatchEvent(new MessageEvent('message', { data: { sundial: 'office', kind: 'call', id: 1, item: null, method: 'identityToken', args: [] }, origin, source: source as Window }));
    say('https://elsewhere.test', contentWindow);
    say(location.origin, {});
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(identityToken).not.toHaveBeenCalled();
    say(location.origin, contentWindow);
    await vi.waitFor(() => expect(posted).toEqual([{ message: { sundial: 'office', kind: 'answer', id: 1, value: 'token' }, target: location.origin }]));
  });

  it('never posts to any origin but its own', () => {
    const page = { postMessage: vi.fn() };
    frameTransport(window, page as unknown as Window).onState(() => {});
    expect(page.postMessage).toHaveBeenCalledWith(expect.anything(), location.origin);
    bridge = connectPane({ contentWindow: { postMessage: () => {} } } as unknown as HTMLIFrameElement, state(null), () => ({}));
  });

  it('turns any fault of the page into Outlook’s own internal error', () => {
    expect(toFailure(new Error('x'))).toMatchObject({ name: 'InternalError', code: 5001 });
  });
});

describe('recipients as people type them', () => {
  it('reads addresses with and without names, and names what is none', () => {
    const typed = 'Bea Buyer <buyer@playground.test>; carl@b.test, nonsense';
    expect(parseRecipients(typed)).toEqual([{ displayName: 'Bea Buyer', emailAddress: 'buyer@playground.test' }, { displayName: 'carl@b.test', emailAddress: 'carl@b.test' }]);
    expect(unreadableRecipients(typed)).toEqual(['nonsense']);
    expect(formatRecipients(parseRecipients(typed))).toBe('Bea Buyer <buyer@playground.test>; carl@b.test');
  });
});
