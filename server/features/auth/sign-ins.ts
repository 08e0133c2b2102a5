import { AppError } from '../../errors.ts';
import type { HostedDomains } from '../accounts/domains.ts';

/**
 * How each service type signs in. `password`: the form of this server. `notConfigured`: mailboxes that
 * Sundial is made for but that this server cannot reach, with what that would take. The rest (CRM and chat
 * services of the contract) is not connected at all.
 */
export type SignIn =
  | { readonly kind: 'password'; readonly label: string }
  | { readonly kind: 'notConfigured'; readonly label: string; readonly needs: string };

const LATER = 'This release signs in to hosted mailboxes only and reads no setting for it yet.';
const HOSTED = 'Hosted';

const OTHERS: Readonly<Record<string, { label: string; needs: string }>> = {
  Google: { label: 'Google', needs: `Google mailboxes need an OAuth client of a Google Cloud project. ${LATER}` },
  Office365: { label: 'Microsoft 365', needs: `Microsoft 365 mailboxes need an app registration in Microsoft Entra. ${LATER}` },
  EWS: { label: 'Exchange', needs: `Exchange Server mailboxes need the address of its web services. ${LATER}` },
  IMAP: { label: 'IMAP', needs: `IMAP mailboxes need the addresses of their IMAP and SMTP servers. ${LATER}` },
  iCloud: { label: 'iCloud', needs: `iCloud mailboxes need an app-specific password and Apple's mail servers. ${LATER}` },
};

/** Throws 400 `service.unsupported` for a service that Sundial does not connect. */
export function signInOf(domains: HostedDomains, serviceType: string): SignIn {
  if (serviceType === HOSTED) {
    if (domains.all.length) return { kind: 'password', label: 'this server' };
    return { kind: 'notConfigured', label: 'Hosted mailboxes', needs: 'Hosted mailboxes need a mail domain that this server keeps the mailboxes of: HOSTED_DOMAINS, or sundial domain add.' };
  }
  const other = OTHERS[serviceType];
  if (!other) throw new AppError('service.unsupported', `serviceType: ${serviceType} is not connected by Sundial; ${HOSTED} is.`);
  return { kind: 'notConfigured', ...other };
}

/** Service types that work on this server, for the page that says that another does not. */
export const workingSignIns = (domains: HostedDomains): readonly { serviceType: string; label: string }[] =>
  domains.all.length ? [{ serviceType: HOSTED, label: `a mailbox at ${domains.all.join(', ')}` }] : [];
