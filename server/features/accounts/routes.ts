import type { z } from 'zod';
import { transaction, type Trx } from '../../db/db.ts';
import type { Deps } from '../../deps.ts';
import { AppError, invalid, notFound } from '../../errors.ts';
import { rateLimit } from '../../http/limits.ts';
import type { Handlers } from '../../http/operation.ts';
import { offsetPage } from '../../http/paging.ts';
import { hashToken } from '../../lib/ids.ts';
import type { accountsContract, ApiAccountInDto } from './contract.ts';
import { accountByPassword, createHostedAccount, updateHostedAccount, type CreatedAccount } from './hosted.service.ts';
import * as queries from './queries.ts';
import { removeAccount, requireAccount, type LinkToUser } from './service.ts';
import { accountView } from './view.ts';

type AccountIn = z.output<typeof ApiAccountInDto>;

export function accountsRoutes(deps: Deps, linkToUser: LinkToUser): Handlers<typeof accountsContract> {
  const checking = rateLimit(deps.db, { name: 'connect', points: 20, seconds: 900 });

  return {
    getMyAccount: async ({ principal, query }) => {
      const account = await requireAccount(deps, principal.accountId);
      const view = accountView(account);
      if (!query.includeProviderAuth) return view;
      return { ...view, tokenIssuedAt: (account.auth_obtained_at ?? account.created_at).toISOString() };
    },

    deleteAccount: async ({ principal }) => {
      await transaction(deps.db, (trx) => removeAccount(trx, deps, principal.accountId));
    },

    deleteToken: async ({ principal, request }) => {
      const token = principal.via === 'bearer' ? /^bearer +(\S+)/i.exec(request.rawHeaders.authorization ?? '')?.[1] : undefined;
      if (token === undefined) await queries.deleteTokens(deps.db, principal.accountId);
      else await queries.deleteToken(deps.db, principal.accountId, hashToken(token));
    },

    getAccounts: async ({ principal, query }) => {
      // Hosted mailboxes belong to no provider's organisation, and no subscription has made an account.
      if (query.authOrgId !== undefined || query.subscriptionId !== undefined) return offsetPage([], 0, query.offset);
      const { rows, total } = await queries.accountsPage(deps.db, { appId: principal.appId, serviceType: query.serviceType, clientOrgId: query.clientOrgId }, query.limit, query.offset);
      return offsetPage(rows.map(accountView), total, query.offset);
    },

    getAccount: async ({ principal, params }) => accountView(await ofApp(principal.appId, params.id)),

    amAccountDelete: async ({ principal, params }) => {
      const account = await ofApp(principal.appId, params.id);
      await transaction(deps.db, (trx) => removeAccount(trx, deps, account.id));
    },

    upsertPersonal: async ({ principal, query, body, settle }) => {
      const { email, password } = requireHosted(body);
      if (!body.active) throw invalid('active', 'must be true: a hosted mailbox takes mail as long as it exists; delete it instead.');
      const role = query.userAccount;
      if (query.userId !== undefined && !role) throw invalid('userAccount', 'is required with userId: primary or secondary.');
      if (role === 'secondary' && query.userId === undefined) throw invalid('userId', 'a secondary account needs the user that it goes to.');
      const details = { password, name: body.name, timezone: body.timezone, clientOrgId: body.clientOrgId, copyToSent: body.copyToSent, authScopes: body.authScopes };
      const recycled = query.recycleKeys?.some((key) => key === 'email' || key === 'username')
        ? await queries.hostedByAddress(deps.db, principal.appId, email) : undefined;
      const linkAndSettle = async (trx: Trx, saved: CreatedAccount) =>
        settle(trx, { ...saved, ...(role ? await linkToUser(trx, saved.accountId, role, query.userId) : {}) });
      return recycled
        ? updateHostedAccount(deps, recycled.id, details, linkAndSettle)
        : createHostedAccount(deps, { appId: principal.appId, email, ...details }, linkAndSettle);
    },

    checkConnection: async ({ principal, body }) => {
      const { email, password } = requireHosted(body);
      await checking.consume(`${principal.appId} ${email.toLowerCase()}`);
      const account = await accountByPassword(deps, principal.appId, email, password);
      if (!account) throw new AppError('access.denied', 'email, password: they do not open a mailbox here.');
      return { status: 'Ok' };
    },
  };

  async function ofApp(appId: number, id: number): Promise<queries.AccountRow> {
    const account = await queries.accountById(deps.db, id);
    if (!account || account.app_id !== appId) throw notFound(`The account ${id}`);
    return account;
  }

  /** The provider decides whether the server connects the kind at all (400 service.unsupported else). */
  function requireHosted(body: AccountIn): { email: string; password: string } {
    deps.providers.of(body.serviceType);
    const email = body.email ?? body.loginString;
    if (email === undefined) throw invalid('email', 'is required.');
    if (body.password === undefined) throw invalid('password', 'is required for a hosted mailbox.');
    return { email, password: body.password };
  }
}
