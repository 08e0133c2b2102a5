import type { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { notFound } from '../../errors.ts';
import type { Handlers, RequestFacts, UserPrincipal } from '../../http/operation.ts';
import { jsonReply } from '../../http/reply.ts';
import type { WeekSchedule } from '../../lib/work-week.ts';
import { accountsOfUser, type AccountRow } from '../accounts/queries.ts';
import { scopesOf, serviceTypeOf } from '../accounts/view.ts';
import { hasIdentity, userById } from '../auth/queries.ts';
import { cookieName, sessionCookie } from '../auth/session.service.ts';
import type { EndUserAccountDto, EndUserDto, userContract } from './contract.ts';
import { copyAsManaged, logout, requireOwnAccount, setWorkHours, signOutOfAccount } from './service.ts';

export function userRoutes(deps: Deps): Handlers<typeof userContract> {
  return {
    getUserInfo: ({ principal }) => userView(principal.userId),

    updateSettings: async ({ principal, body }) => {
      if (body.workHours) await setWorkHours(deps, principal.userId, body.workHours);
      return userView(principal.userId);
    },

    getEndUserAccounts: async ({ principal }) => {
      const records = (await accountsOfUser(deps.db, principal.userId)).map(accountView);
      return { length: records.length, records };
    },

    getEndUserAccount: async ({ principal, params }) => accountView(await requireOwnAccount(deps, principal.userId, params.id)),

    logoutAccount: async ({ principal, params, request }) => {
      const account = await requireOwnAccount(deps, principal.userId, params.id);
      await signOutOfAccount(deps, principal.userId, params.id);
      return account.user_account_type === 'primary' ? signedOut(principal, request) : { status: 'Ok' };
    },

    copyAsManaged: ({ principal, params, query, settle }) =>
      copyAsManaged(deps, principal.userId, params.id, query.clientOrgId, (trx, copy) => settle(trx, accountView(copy))),

    logout: async ({ principal, request }) => {
      await logout(deps, principal.userId);
      return signedOut(principal, request);
    },
  };

  async function userView(userId: string): Promise<z.input<typeof EndUserDto>> {
    const user = await userById(deps.db, userId);
    const all = await accountsOfUser(deps.db, userId);
    const primary = all.find((account) => account.user_account_type === 'primary');
    if (!user || !primary) throw notFound('The user');
    const linked = await hasIdentity(deps.db, userId);
    return {
      id: user.id,
      appId: user.app_id,
      email: primary.email,
      name: primary.name,
      createdAt: user.created_at.toISOString(),
      ...(user.last_activity ? { lastActivity: user.last_activity.toISOString() } : {}),
      trustedIdentity: linked,
      ...(linked ? { externalIdType: 'exchangeIdentity' as const } : {}),
      ...(primary.work_hours ? { settings: { workHours: primary.work_hours as WeekSchedule } as z.input<typeof EndUserDto>['settings'] } : {}),
      accounts: all.map(accountView),
    };
  }
}

/** The cookie of this browser is of no use any more; the others are refused when they come. */
function signedOut(principal: UserPrincipal, request: RequestFacts) {
  const name = cookieName(principal.appId, request.rawHeaders['x-aurinko-mailbox-info']);
  return jsonReply({ status: 'Ok' }, { cookies: principal.via === 'cookie' ? [sessionCookie(name, undefined, request.secure)] : [] });
}

function accountView(row: AccountRow): z.input<typeof EndUserAccountDto> {
  return {
    id: row.id,
    ...(row.parent_id === null ? {} : { parentId: row.parent_id }),
    serviceType: serviceTypeOf(row),
    ...(row.user_account_type === null ? {} : { userAccountType: row.user_account_type }),
    type: row.type,
    active: row.token_status === 'active',
    loginString: row.login_string ?? row.email,
    email: row.email,
    name: row.name,
    ...(row.server_url === null ? {} : { serverUrl: row.server_url }),
    ...(row.client_org_id === null ? {} : { clientOrgId: row.client_org_id }),
    timezone: row.timezone,
    ...(row.auth_obtained_at === null ? {} : { authObtainedAt: row.auth_obtained_at.toISOString() }),
    tokenStatus: row.token_status,
    scopes: scopesOf(row),
    authScopes: scopesOf(row),
    nativeScopes: [...(row.auth_native_scopes ?? [])],
    authNativeScopes: [...(row.auth_native_scopes ?? [])],
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}
