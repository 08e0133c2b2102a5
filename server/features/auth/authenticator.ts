import type { Deps } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import type { Authenticator } from '../../http/authenticator.ts';
import { hashToken, sameSecret } from '../../lib/ids.ts';
import { accountById, accountByTokenHash, appByClientId } from '../accounts/queries.ts';

/** The five ways of the reference on one mechanism. */
export function createAuthenticator(deps: Pick<Deps, 'db' | 'keys'>): Authenticator {
  return async (facts, rule) => {
    const [scheme = '', credentials = ''] = (facts.rawHeaders.authorization ?? '').split(' ');
    if (/^basic$/i.test(scheme)) {
      const [clientId = '', ...secret] = Buffer.from(credentials, 'base64').toString().split(':');
      const app = await appByClientId(deps.db, clientId);
      if (!app || !sameSecret(await deps.keys.decrypt(app.client_secret), secret.join(':'))) throw unauthorized();
      if (rule !== 'account') return { appId: app.id, scopes: null, via: 'basic' };
      const account = await accountById(deps.db, Number(facts.rawHeaders['x-aurinko-account-id'] ?? 0));
      if (!account || account.app_id !== app.id) throw new AppError('notFound', 'X-Aurinko-Account-Id: no such account of this application.');
      return { appId: app.id, accountId: account.id, scopes: account.auth_scopes, via: 'basic' };
    }
    if (/^bearer$/i.test(scheme)) {
      const account = await accountByTokenHash(deps.db, hashToken(credentials));
      if (!account) throw unauthorized();
      return { appId: account.app_id, accountId: account.id, scopes: account.auth_scopes, via: 'bearer' };
    }
    if (rule === 'none') return null;
    throw unauthorized();
  };
}

const unauthorized = (): AppError => new AppError('unauthorized', 'The credentials are missing or not valid.');
