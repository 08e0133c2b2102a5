import { z } from 'zod';
import { json, operation } from '../../http/operation.ts';
import { NativeScope, OkResponse, Scope, ServiceProvider, ServiceType, ServiceTypeNonDaemon, dateTime, id, limit, offset } from '../../http/wire.ts';

export const AccountSaveResult = z.object({
  accountId: z.int().optional(),
  accessToken: z.string().optional(),
  userId: z.string().optional(),
  userSession: z.string().optional(),
}).meta({ id: 'AccountSaveResult' });

export const AccountType = z.enum(['daemon', 'personal', 'managed']).meta({ id: 'AccountType' });

export const TokenStatus = z.enum(['active', 'invalid', 'dead']).meta({ id: 'TokenStatus' });

export const ApiAccountOutDto = z.object({
  id: z.int(),
  parentId: z.int().optional(),
  serviceType: ServiceType.optional(),
  serviceProvider: ServiceProvider.optional(),
  active: z.boolean().optional(),
  tokenStatus: TokenStatus.optional(),
  tokenError: z.string().optional(),
  type: AccountType.optional(),
  daemon: z.boolean().optional(),
  loginString: z.string().optional(),
  email: z.string().optional(),
  email2: z.string().optional(),
  mailboxAddress: z.string().optional(),
  name: z.string().optional(),
  name2: z.string().optional(),
  serverUrl: z.string().optional(),
  serverUrl2: z.string().optional(),
  clientOrgId: z.string().optional(),
  authUserId: z.string().optional(),
  authOrgId: z.string().optional(),
  timezone: z.string().optional(),
  tokenIssuedAt: dateTime.optional(),
  authScopes: z.array(Scope).optional(),
  authNativeScopes: z.array(NativeScope).optional(),
  authObtainedAt: dateTime.optional(),
  authExpiresAt: dateTime.optional(),
  userId: z.string().optional(),
  copyToSent: z.boolean().optional(),
  trustServer: z.boolean().optional(),
  createdAt: dateTime.optional(),
  updatedAt: dateTime.optional(),
}).meta({ id: 'ApiAccountOutDto' });

export const AccountsPage = z.object({
  offset: z.int(),
  totalSize: z.int(),
  done: z.boolean(),
  records: z.array(ApiAccountOutDto),
}).meta({ id: 'AccountsPage' });

export const ApiAccountInDto = z.object({
  serviceType: ServiceType,
  serviceProvider: ServiceProvider.optional(),
  authScopes: z.array(Scope).optional(),
  authOrgId: z.string().optional(),
  authUserId: z.string().optional(),
  clientOrgId: z.string().optional(),
  serverUrl: z.string().optional(),
  loginString: z.string().optional(),
  oauthClientId: z.string().optional(),
  active: z.boolean(),
  authString1: z.string().optional(),
  authString2: z.string().optional(),
  password: z.string().optional(),
  authObtainedAt: dateTime.optional(),
  authExpiresAt: dateTime.optional(),
  email: z.email().max(254).optional(),
  email2: z.string().optional(),
  name: z.string().max(200).optional(),
  serverInfo: z.string().optional(),
  timezone: z.string().optional(),
  copyToSent: z.boolean().optional(),
  trustServer: z.boolean().optional(),
}).meta({ id: 'ApiAccountInDto' });

export const ServiceKey = z.enum(['email', 'orgId', 'userId', 'serverUrl', 'username', 'clientOrgId']).meta({ id: 'ServiceKey' });

export const UserAccountType = z.enum(['primary', 'secondary']).meta({ id: 'UserAccountType' });

export const accountsContract = {
  deleteAccount: operation({
    method: 'delete',
    path: '/v1/account',
    operationId: 'deleteAccount',
    tag: 'Account',
    summary: 'Delete the account; of a hosted mailbox that is the mailbox with all its mail',
    auth: 'account',
    response: { kind: 'empty', status: 200 },
    errors: ['notFound'],
  }),

  getMyAccount: operation({
    method: 'get',
    path: '/v1/account',
    operationId: 'getMyAccount',
    tag: 'Account',
    summary: 'The account of the caller',
    auth: 'account',
    query: z.object({
      pingProvider: z.boolean().optional().meta({ description: 'Ask the provider whether its authorization still works. A hosted mailbox always answers.' }),
      includeProviderAuth: z.boolean().optional().meta({ description: 'Adds when the provider authorized the account. A hosted mailbox has no tokens of a provider.' }),
    }),
    response: json(ApiAccountOutDto),
    errors: ['notFound'],
  }),

  deleteToken: operation({
    method: 'delete',
    path: '/v1/account/token',
    operationId: 'deleteToken',
    tag: 'Account',
    summary: 'Revoke the account token of the request; without one (Basic, sessions) all tokens of the account',
    auth: 'account',
    response: { kind: 'empty', status: 200 },
    errors: ['notFound'],
  }),

  getAccounts: operation({
    method: 'get',
    path: '/v1/am/accounts',
    operationId: 'getAccounts',
    tag: 'Accounts',
    summary: 'The accounts of the application',
    auth: 'app',
    query: z.object({
      limit: limit,
      offset: offset,
      authOrgId: z.string().optional(),
      clientOrgId: z.string().optional(),
      serviceType: ServiceTypeNonDaemon.optional(),
      subscriptionId: z.int().optional(),
    }),
    response: json(AccountsPage),
    errors: [],
  }),

  upsertPersonal: operation({
    method: 'post',
    path: '/v1/am/accounts',
    operationId: 'upsertPersonal',
    tag: 'Accounts',
    summary: 'Create a hosted mailbox, or with recycleKeys renew the one of this address',
    auth: 'app',
    query: z.object({
      userAccount: UserAccountType.optional().meta({ description: 'Makes the account the primary or a secondary one of a user.' }),
      userId: z.string().optional().meta({ description: 'The user; a new one for a primary account where left out.' }),
      recycleKeys: z.array(ServiceKey).optional().meta({ description: 'email or username: an existing mailbox of this address is renewed (password, name, zone) instead of 409.' }),
      ensureAccess: z.boolean().optional(),
    }),
    body: ApiAccountInDto,
    idempotent: true,
    response: json(AccountSaveResult),
    errors: ['service.unsupported', 'notFound', 'name.taken', 'account.mismatch'],
  }),

  amAccountDelete: operation({
    method: 'delete',
    path: '/v1/am/accounts/{id}',
    operationId: 'amAccountDelete',
    tag: 'Accounts',
    summary: 'Delete an account of the application; of a hosted mailbox that is the mailbox with all its mail',
    auth: 'app',
    params: z.object({ id: id }),
    response: { kind: 'empty', status: 200 },
    errors: ['notFound'],
  }),

  getAccount: operation({
    method: 'get',
    path: '/v1/am/accounts/{id}',
    operationId: 'getAccount',
    tag: 'Accounts',
    summary: 'An account of the application',
    auth: 'app',
    params: z.object({ id: id }),
    response: json(ApiAccountOutDto),
    errors: ['notFound'],
  }),

  checkConnection: operation({
    method: 'post',
    path: '/v1/am/accounts/connect',
    operationId: 'checkConnection',
    tag: 'Accounts',
    summary: 'Whether these credentials open a mailbox; nothing is created',
    auth: 'app',
    body: ApiAccountInDto,
    response: json(OkResponse),
    errors: ['service.unsupported', 'access.denied', 'rate.limited'],
  }),
} as const;
