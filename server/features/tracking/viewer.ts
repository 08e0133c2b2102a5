import { parseCookie, stringifySetCookie } from 'cookie';
import type { KeyRing } from '../../lib/keyring.ts';

const NAME = 'sundial-viewer';
const PURPOSE = 'tracking viewer';
const DAYS = 30;

/**
 * Marks the sender's own browser, so that its loads of his pixels are known as his. The pane asks from
 * inside Outlook's page; the cookie is partitioned by that page, where the sent message's images load
 * too. It goes to pixels only, and holds nothing but the account, signed.
 */
export const viewerCookie = (keys: Pick<KeyRing, 'sign'>, accountId: number): string => stringifySetCookie({
  name: NAME, value: keys.sign(PURPOSE, accountId), path: '/t/', httpOnly: true, secure: true, sameSite: 'none', partitioned: true, maxAge: DAYS * 86_400,
});

/** The account whose browser sends this Cookie header; null without the mark or with a mangled one. */
export function viewerOf(keys: Pick<KeyRing, 'verify'>, cookieHeader: string): number | null {
  const value = cookieHeader.includes(NAME) ? parseCookie(cookieHeader)[NAME] : undefined;
  if (!value) return null;
  try {
    const accountId = keys.verify(PURPOSE, value);
    return Number.isSafeInteger(accountId) ? accountId as number : null;
  } catch {
    // Signed with a key that has left the ring, or not by us: nobody we know.
    return null;
  }
}
