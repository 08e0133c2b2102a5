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
  email: z.string().optional(),
  email2: z.string().optional(),
  name: z.string().optional(),
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
    summary: 'Delete account',
    auth: 'account',
    response: { kind: 'empty', status: 200 },
    errors: [],
  }),

  getMyAccount: operation({
    method: 'get',
    path: '/v1/account',
    operationId: 'getMyAccount',
    tag: 'Account',
    summary: 'Get my account',
    auth: 'account',
    query: z.object({
      pingProvider: z.boolean().optional(),
      includeProviderAuth: z.boolean().optional(),
    }),
    response: json(ApiAccountOutDto),
    errors: [],
  }),

  deleteToken: operation({
    method: 'delete',
    path: '/v1/account/token',
    operationId: 'deleteToken',
    tag: 'Account',
    summary: 'Delete token',
    auth: 'account',
    response: { kind: 'empty', status: 200 },
    errors: [],
  }),

  getAccounts: operation({
    method: 'get',
    path: '/v1/am/accounts',
    operationId: 'getAccounts',
    tag: 'Accounts',
    summary: 'Get accounts',
    auth: 'app',
    query: z.object({
      limit: limit,
      offset: offset,
      authOrgId: z.string().optional(),
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
    summary: 'Upsert personal',
    auth: 'app',
    query: z.object({
      userAccount: UserAccountType.optional(),
      userId: z.string().optional(),
      recycleKeys: z.array(ServiceKey).optional(),
      ensureAccess: z.boolean().optional(),
    }),
    body: ApiAccountInDto,
    response: json(AccountSaveResult),
    errors: [],
  }),

  amAccountDelete: operation({
    method: 'delete',
    path: '/v1/am/accounts/{id}',
    operationId: 'amAccountDelete',
    tag: 'Accounts',
    summary: 'Am account delete',
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
    summary: 'Get account',
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
    summary: 'Check connection',
    auth: 'app',
    body: ApiAccountInDto,
    response: json(OkResponse),
    errors: [],
  }),
} as const;
