import { officeCall, supportsMailbox } from './async.ts';
import { OfficeError } from './errors.ts';

export interface MailboxOwner {
  readonly name: string;
  readonly email: string;
  /** IANA or Windows name, as the client gives it; null where it gives none. */
  readonly timeZone: string | null;
  /** Exchange on premises is the only one that issues identity tokens since October 2025. */
  readonly kind: 'exchange' | 'microsoft365' | 'outlookCom' | 'gmail' | 'unknown';
}

const KINDS: Readonly<Record<string, MailboxOwner['kind']>> = { enterprise: 'exchange', office365: 'microsoft365', outlookCom: 'outlookCom', gmail: 'gmail' };

export function mailboxOwner(): MailboxOwner {
  const profile = Office.context.mailbox.userProfile;
  return {
    name: profile.displayName || profile.emailAddress,
    email: profile.emailAddress.toLowerCase(),
    timeZone: profile.timeZone || null,
    kind: KINDS[String(profile.accountType ?? '')] ?? 'unknown',
  };
}

/**
 * The identity token of this mailbox, straight from Exchange. It is never kept outside memory. Rejects
 * with `identity.unavailable` where the mail server issues none, `identity.network` where it is away.
 */
export async function identityToken(): Promise<string> {
  const token = await officeCall<string>((done) => Office.context.mailbox.getUserIdentityTokenAsync(done));
  if (!token) throw new OfficeError('identity.unavailable');
  return token;
}

/** Outlook on iOS and Android: messages are read there, add-ins have no part in writing, and a reply cannot be opened. */
export function isPhone(): boolean {
  const platform = String(Office.context.platform ?? '');
  return platform === 'iOS' || platform === 'Android';
}

export type OfficeColours = 'light' | 'dark' | 'highContrast';

/**
 * Outlook's own colours where the client tells them (Mailbox 1.14), else null. No theme of Office is pure
 * black under text of pure colours: that is one of the high contrast themes of the system.
 */
export function officeColours(): OfficeColours | null {
  const theme = Office.context.officeTheme as Office.OfficeTheme | undefined;
  const body = channels(theme?.bodyBackgroundColor);
  if (!body) return null;
  const [red, green, blue] = body;
  const text = channels(theme?.bodyForegroundColor);
  if (red + green + blue === 0 && text?.every((channel) => channel === 0 || channel === 255)) return 'highContrast';
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 128 ? 'dark' : 'light';
}

function channels(colour: string | undefined): [number, number, number] | null {
  if (!colour || !/^#[0-9a-f]{6}$/i.test(colour)) return null;
  return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16)) as [number, number, number];
}

const themeListeners = new Set<() => void>();
let themeWatched = false;

/** Tells when Outlook changes its colours (Mailbox 1.14); a client without that event keeps those of the start. */
export function watchOfficeTheme(changed: () => void): () => void {
  if (!themeWatched && supportsMailbox('1.14')) {
    themeWatched = true;
    Office.context.mailbox.addHandlerAsync(Office.EventType.OfficeThemeChanged, () => {
      for (const listener of themeListeners) listener();
    });
  }
  themeListeners.add(changed);
  return () => void themeListeners.delete(changed);
}
