import { createHostedAccount } from '../../server/features/accounts/hosted.service.ts';
import { openAuthority } from '../../server/playground/authority.ts';
import { CLIENT_ID, type Answer, type TestApp } from './app.ts';
import { visitor, type Page, type Visitor } from './browser.ts';

export const RETURN_URL = 'https://client.test/return';
export const PASSWORD = 'correct horse battery';

/** A hosted mailbox with a password, so that somebody can sign in to it. */
export async function mailbox(app: TestApp, email: string, appId = app.appId): Promise<{ accountId: number; accessToken: string; email: string }> {
  return { ...await createHostedAccount(app.deps, { appId, email, password: PASSWORD, name: 'Ann', timezone: 'Europe/Berlin' }, async (_trx, created) => created), email };
}

/** An Exchange identity token of the development authority for this Outlook mailbox. */
export const identityToken = async (app: TestApp, outlookMailbox: string): Promise<string> =>
  (await openAuthority(app.deps)).issueIdentityToken({ mailbox: outlookMailbox });

export const asIdentity = (token: string, headers: Record<string, string> = {}): Record<string, string> =>
  ({ authorization: `Bearer ${token}`, 'x-aurinko-auth-type': 'exchangeIdToken', 'x-aurinko-client-id': CLIENT_ID, ...headers });

export const authorizePath = (query: Record<string, string | number | boolean>, operation = 'authorizeUser'): string =>
  `/v1/auth/${operation}?${new URLSearchParams(Object.entries({ clientId: CLIENT_ID, serviceType: 'Hosted', returnUrl: RETURN_URL, ...query }).map(([k, v]) => [k, String(v)]))}`;

/** Opens the flow's page, fills the form in and sends it. */
export async function signIn(app: TestApp, query: Record<string, string | number | boolean>, email: string, { browser = visitor(app), password = PASSWORD, operation = 'authorizeUser' }: { browser?: Visitor; password?: string; operation?: string } = {}): Promise<Page> {
  const page = await browser.get(authorizePath(query, operation));
  return browser.submit(page, { email, password });
}

export const prepared = async (app: TestApp, token: string): Promise<string> =>
  (await app.call('POST', '/v1/auth/prepare', { headers: asIdentity(token) })).body.token as string;

export const redeem = (app: TestApp, code: string | null | undefined, token: string): Promise<Answer> =>
  app.call('POST', `/v1/auth/token/${code}`, { headers: asIdentity(token) });

/** The whole flow of the pane: prepare, sign in, redeem. */
export async function link(app: TestApp, outlookMailbox: string, email: string): Promise<{ token: string; answer: Answer }> {
  const token = await identityToken(app, outlookMailbox);
  const end = await signIn(app, { accountRole: 'primary', token: await prepared(app, token) }, email);
  return { token, answer: await redeem(app, end.location?.searchParams.get('code'), token) };
}
