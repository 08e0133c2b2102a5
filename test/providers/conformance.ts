import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Trx } from '../../server/db/db.ts';
import type { Mailbox, NewMail, Provider } from '../../server/providers/provider.ts';

/** What a provider under test needs of its surroundings. */
export interface ProviderWorld {
  readonly provider: Provider;
  /** A fresh mailbox of this provider. */
  mailbox(): Promise<Mailbox>;
  transaction<T>(work: (trx: Trx) => Promise<T>): Promise<T>;
  /** Lets everything that is on its way arrive. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** The one suite that every provider passes; what one cannot do it must say as a capability with a reason. */
export function describeProvider(name: string, open: () => Promise<ProviderWorld>): void {
  describe(`the ${name} provider`, () => {
    let world: ProviderWorld;
    let alice: Mailbox;
    let bob: Mailbox;
    beforeAll(async () => {
      world = await open();
      [alice, bob] = [await world.mailbox(), await world.mailbox()];
    });
    afterAll(() => world.close());

    const mail = (values: Partial<NewMail> = {}): NewMail => ({
      from: { address: alice.email, name: 'Alice' }, to: [{ address: bob.email }], cc: [], bcc: [], replyTo: [],
      subject: 'Conformance', html: '<p>Hello</p>', text: null, references: [], xHeaders: [], attachments: [], keywords: [], automatic: false, ...values,
    });
    const send = async (values: Partial<NewMail> = {}, finish: (ids: { messageId: string }) => Promise<string | null> = async () => null) => {
      const ids = await world.transaction((trx) => world.provider.mail.send(trx, alice, mail(values), finish));
      await world.settle();
      return ids;
    };
    const { find, inboxOf } = {
      find: async (who: Mailbox, id: string) => (await world.provider.mail.findByInternetMessageId(who, id))!,
      inboxOf: (who: Mailbox, query = {}) => world.provider.mail.list(who, { includeTrashAndJunk: false, includeDrafts: false, body: false, limit: 50, ...query }),
    };

    it('says for each thing it cannot do why', () => {
      for (const capability of Object.values(world.provider.capabilities)) {
        if (typeof capability === 'object' && !capability.can) expect(capability.reason).toMatch(/\w+.*\.$/);
      }
    });

    it('sends: a copy with the body as written, delivery with the body as finished, ids known before', async () => {
      let early = '';
      const ids = await send({ subject: 'Finished' }, async ({ messageId }) => {
        early = messageId;
        return '<p>Hello</p><i>extra</i>';
      });
      expect(ids.messageId).toBe(early);
      const copy = (await world.provider.mail.get(alice, ids.messageId))!;
      expect(copy).toMatchObject({ subject: 'Finished', threadId: ids.threadId, internetMessageId: ids.internetMessageId, body: { html: '<p>Hello</p>' }, isDraft: false });
      expect(copy.sysLabels).toContain('sent');
      const received = await find(bob, ids.internetMessageId);
      expect(received.body!.html).toContain('<i>extra</i>');
      expect(received.sysLabels).toEqual(expect.arrayContaining(['inbox', 'unread']));
    });

    it('sends nothing and keeps nothing where the caller\'s transaction fails', async () => {
      const id = '<rolledback@conformance.test>';
      await expect(world.transaction(async (trx) => {
        await world.provider.mail.send(trx, alice, mail({ internetMessageId: id }), async () => null);
        throw new Error('changed my mind');
      })).rejects.toThrow('changed my mind');
      await world.settle();
      expect(await world.provider.mail.findByInternetMessageId(alice, id)).toBeUndefined();
      expect(await world.provider.mail.findByInternetMessageId(bob, id)).toBeUndefined();
    });

    it('keeps a Message-ID that was fixed beforehand, and says where each recipient stands', async () => {
      const ids = await send({ internetMessageId: '<fixed@conformance.test>', cc: [{ address: alice.email }] });
      expect(ids.internetMessageId).toBe('<fixed@conformance.test>');
      expect((await find(bob, '<fixed@conformance.test>')).internetMessageId).toBe('<fixed@conformance.test>');
      const states = await world.provider.mail.deliveryOf(alice, ids.messageId);
      expect(states.map((s) => [s.recipient, s.state]).sort()).toEqual([[alice.email, 'sent'], [bob.email, 'sent']].sort());
    });

    it('carries an invitation that the other side reads as one', async () => {
      const ids = await send({ calendar: { method: 'REQUEST', content: 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n' } });
      expect((await find(bob, ids.internetMessageId)).meetingMessageMethod).toBe('request');
    });

    it('gives the raw message and its attachments back', async () => {
      const content = Buffer.from([0, 1, 2, 255, 13, 10, 46]);
      const ids = await send({ attachments: [{ name: 'b.bin', mimeType: 'application/octet-stream', inline: false, content }] });
      const received = await find(bob, ids.internetMessageId);
      expect(received.hasAttachments).toBe(true);
      const [attachment] = received.attachments;
      expect(attachment).toMatchObject({ name: 'b.bin', size: content.length });
      const asked = [attachment!.id, '99', 'none'];
      const read: [string, Buffer][] = [];
      for await (const { id, bytes } of world.provider.mail.attachments(bob, received.id, asked)) read.push([id, await buffer(bytes)]);
      expect(read).toEqual([[attachment!.id, content]]);
      let raw = '';
      for await (const part of (await world.provider.mail.raw(bob, received.id))!) raw += Buffer.from(part).toString('latin1');
      expect(raw).toContain(`Message-ID: ${ids.internetMessageId}`);
    });

    it('lists in pages, newest first, and a thread oldest first', async () => {
      const first = await send({ subject: 'Thread 1' });
      await send({ subject: 'Thread 2', inReplyTo: first.internetMessageId, references: [first.internetMessageId], threadId: first.threadId });
      const thread = await world.provider.mail.list(alice, { threadId: first.threadId, includeTrashAndJunk: true, includeDrafts: false, body: false, oldestFirst: true, limit: 10 });
      expect(thread.messages.map((m) => m.subject)).toEqual(['Thread 1', 'Thread 2']);
      const pageOne = await inboxOf(bob, { limit: 2 });
      const pageTwo = await inboxOf(bob, { limit: 2, after: pageOne.next });
      expect(pageOne.messages).toHaveLength(2);
      expect(pageTwo.messages[0]!.id).not.toBe(pageOne.messages[1]!.id);
      expect(+pageOne.messages[0]!.receivedAt).toBeGreaterThanOrEqual(+pageTwo.messages[0]!.receivedAt);
    });

    it('finds by search', async () => {
      await send({ subject: 'Needle in here' });
      expect((await inboxOf(bob, { q: `from:${alice.email} needle` })).messages).toHaveLength(1);
      expect((await inboxOf(bob, { q: 'from:nobody@else.test needle' })).messages).toHaveLength(0);
    });

    it('changes flags and folders, and deletes in two steps', async () => {
      const ids = await send({ subject: 'Changing' });
      const { id } = await find(bob, ids.internetMessageId);
      const now = () => world.provider.mail.get(bob, id);
      expect(await world.provider.mail.setStatus(bob, id, { unread: false, keywords: ['k'] })).toBe(true);
      expect(await now()).toMatchObject({ keywords: ['k'] });
      expect((await now())!.sysLabels).not.toContain('unread');
      await world.provider.mail.setStatus(bob, id, { archived: true });
      expect((await now())!.sysLabels).not.toContain('inbox');
      expect(await world.provider.mail.remove(bob, id)).toBe(true);
      expect((await now())!.sysLabels).toContain('trash');
      expect(await world.provider.mail.remove(bob, id)).toBe(true);
      expect(await now()).toBeUndefined();
      expect(await world.provider.mail.remove(bob, id)).toBe(false);
    });

    it('keeps drafts, replaces and removes them, and opens them as they would be sent', async () => {
      const { mail: store } = world.provider;
      const id = (await world.transaction((trx) => store.saveDraft(trx, alice, mail({ subject: 'Draft', bcc: [{ address: bob.email }] }), { wish: 1 })))!;
      expect((await store.get(alice, id))!.isDraft).toBe(true);
      expect(await world.transaction((trx) => store.saveDraft(trx, alice, mail({ subject: 'Draft 2', xHeaders: [{ name: 'X-Mine', value: 'yes' }] }), { wish: 2 }, id))).toBe(id);
      const opened = (await world.transaction((trx) => store.openDraft(trx, alice, id)))!;
      expect(opened).toMatchObject({ extras: { wish: 2 }, mail: { subject: 'Draft 2', html: '<p>Hello</p>', bcc: [], to: [{ address: bob.email }], xHeaders: [{ name: 'X-Mine', value: 'yes' }] } });
      expect(await world.transaction((trx) => store.removeDraft(trx, bob, id))).toBe(false);
      expect(await world.transaction((trx) => store.removeDraft(trx, alice, id))).toBe(true);
      expect(await world.transaction((trx) => store.openDraft(trx, alice, id))).toBeUndefined();
    });

    it('has the usual folders, and shows nobody what is another\'s', async () => {
      const { mail: store } = world.provider;
      expect((await store.folders(alice)).map((f) => f.role)).toEqual(expect.arrayContaining(['inbox', 'sent', 'drafts', 'trash']));
      const ids = await send({ subject: 'Mine' });
      expect(await store.get(bob, ids.messageId)).toBeUndefined();
      expect(await store.raw(bob, ids.messageId)).toBeUndefined();
      expect(await store.setStatus(bob, ids.messageId, { unread: true })).toBe(false);
      expect(await store.remove(bob, ids.messageId)).toBe(false);
    });
  });
}
