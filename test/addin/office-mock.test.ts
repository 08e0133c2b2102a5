import { OfficeMockObject } from 'office-addin-mock';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { currentItem, itemChanged } from '../../addin/office/item.ts';
import { isPhone, mailboxOwner, officeColours } from '../../addin/office/mailbox.ts';

/**
 * Microsoft's mock answers what it was given and behaves in nothing, so it serves for what is only read:
 * one client each, as its Office.js looks to us. Calls with their failures are tried on addin/office/fake.ts.
 */
const read = (part: object = {}) => ({
  itemType: 'message', itemId: 'AAMk1', subject: 'Offer', internetMessageId: '<m1@shop.test>', conversationId: 'c1',
  dateTimeCreated: new Date('2026-11-21T10:00:00Z'),
  from: { displayName: 'Ann', emailAddress: 'Ann@Shop.test' },
  to: [{ displayName: '', emailAddress: 'Bea@Shop.test' }],
  cc: [],
  ...part,
});

function client(part: { item?: object; profile?: object; platform?: string; theme?: object; sets?: string } = {}): void {
  const { item = read(), profile = {}, platform = 'PC', theme, sets = '1.16' } = part;
  vi.stubGlobal('Office', new OfficeMockObject({
    context: {
      platform,
      ...(theme ? { officeTheme: theme } : {}),
      requirements: { isSetSupported: (_set: string, version: string) => Number(version.split('.')[1]) <= Number(sets.split('.')[1]) },
      mailbox: { item, userProfile: { displayName: 'Ann', emailAddress: 'Ann@Shop.test', timeZone: 'W. Europe Standard Time', accountType: 'enterprise', ...profile } },
    },
  }, 'outlook' as never));
  itemChanged();
}

afterEach(() => vi.unstubAllGlobals());

describe('what a client tells, on Microsoft’s own mock', () => {
  it('a message that is read, sent by the mailbox’s owner whatever the case of his address', () => {
    client();
    expect(currentItem()).toMatchObject({
      kind: 'read', type: 'message', subject: 'Offer', internetMessageId: '<m1@shop.test>', conversationId: 'c1', createdAt: '2026-11-21T10:00:00.000Z',
      from: { name: 'Ann', email: 'ann@shop.test' }, recipients: [{ name: 'Bea@Shop.test', email: 'bea@shop.test' }], sent: true,
    });
    client({ item: read({ from: { displayName: 'Cy', emailAddress: 'cy@shop.test' } }) });
    expect(currentItem()).toMatchObject({ kind: 'read', sent: false });
  });

  it('a meeting that is read, and one that is written', () => {
    client({ item: read({ itemType: 'appointment' }) });
    expect(currentItem()).toMatchObject({ kind: 'read', type: 'appointment' });
    client({ item: { itemType: 'appointment', subject: { getAsync: () => {} }, body: {} } });
    expect(currentItem()).toMatchObject({ kind: 'compose', type: 'appointment', canTrackOpens: false });
  });

  it('a message that is written: opens can be tracked from Mailbox 1.9 on', () => {
    const item = { itemType: 'message', subject: { getAsync: () => {} }, body: {} };
    client({ item, sets: '1.8' });
    expect(currentItem()).toMatchObject({ kind: 'compose', canTrackOpens: false });
    client({ item, sets: '1.9' });
    expect(currentItem()).toMatchObject({ kind: 'compose', canTrackOpens: true });
  });

  it.each([['enterprise', 'exchange'], ['office365', 'microsoft365'], ['outlookCom', 'outlookCom'], ['gmail', 'gmail'], ['', 'unknown']])('whose mailbox it is: %s', (accountType, kind) => {
    client({ profile: { accountType } });
    expect(mailboxOwner()).toEqual({ name: 'Ann', email: 'ann@shop.test', timeZone: 'W. Europe Standard Time', kind });
  });

  it.each([['PC', false], ['Mac', false], ['OfficeOnline', false], ['iOS', true], ['Android', true]])('on what it runs: %s', (platform, phone) => {
    client({ platform });
    expect(isPhone()).toBe(phone);
  });

  it.each([
    ['#FFFFFF', '#000000', 'light'], ['#1f1f1f', '#ffffff', 'dark'], ['#000000', '#FFFF00', 'highContrast'], ['#000000', '#d6d6d6', 'dark'], ['white', '#000000', null],
  ])('its background %s under %s', (bodyBackgroundColor, bodyForegroundColor, colours) => {
    client({ theme: { bodyBackgroundColor, bodyForegroundColor } });
    expect(officeColours()).toBe(colours);
  });

  it('no colours at all', () => {
    client();
    expect(officeColours()).toBeNull();
  });
});
