import { z } from 'zod';
import { json, operation } from '../../http/operation.ts';
import { NativeScope, OkResponse, Scope, ServiceProvider, ServiceType, WeekWorkSchedule, dateTime, id } from '../../http/wire.ts';
import { AccountType, TokenStatus, UserAccountType } from '../accounts/contract.ts';

export const OrganizationDto = z.object({
  id: z.int(),
  serviceProvider: ServiceProvider.optional(),
  xid: z.string().optional(),
  domain: z.string().optional(),
  name: z.string().optional(),
  createdAt: dateTime.optional(),
}).meta({ id: 'OrganizationDto' });

export const EndUserAccountDto = z.object({
  id: z.int(),
  parentId: z.int().optional(),
  serviceType: ServiceType.optional(),
  userAccountType: UserAccountType.optional(),
  type: AccountType.optional(),
  active: z.boolean().optional(),
  loginString: z.string().optional(),
  email: z.string().optional(),
  name: z.string().optional(),
  serverUrl: z.string().optional(),
  serverUrl2: z.string().optional(),
  clientOrgId: z.string().optional(),
  authUserId: z.string().optional(),
  authOrgId: z.string().optional(),
  timezone: z.string().optional(),
  authObtainedAt: dateTime.optional(),
  organization: OrganizationDto.optional(),
  tokenStatus: TokenStatus.optional(),
  scopes: z.array(Scope).optional(),
  authScopes: z.array(Scope).optional(),
  nativeScopes: z.array(NativeScope).optional(),
  authNativeScopes: z.array(NativeScope).optional(),
  hasApiErrors: z.boolean().optional(),
  bookingCount: z.int().optional(),
  trackingActive: z.boolean().optional(),
  templatesCount: z.int().optional(),
  createdAt: dateTime.optional(),
  updatedAt: dateTime.optional(),
}).meta({ id: 'EndUserAccountDto' });

export const EndUserAccountsPage = z.object({
  nextPageToken: z.string().optional(),
  length: z.int(),
  records: z.array(EndUserAccountDto),
}).meta({ id: 'EndUserAccountsPage' });

export const EndUserExtIdType = z.enum(['exchangeIdentity']).meta({ id: 'EndUserExtIdType' });

export const EndUserSettingsDto = z.object({
  workHours: WeekWorkSchedule.optional(),
}).meta({ id: 'EndUserSettingsDto' });

export const EndUserDto = z.object({
  id: z.string(),
  appId: z.int().optional(),
  email: z.string().optional(),
  name: z.string().optional(),
  authOrgId: z.string().optional(),
  createdAt: dateTime.optional(),
  lastActivity: dateTime.optional(),
  trustedIdentity: z.boolean().optional(),
  externalIdType: EndUserExtIdType.optional(),
  /** Sundial's addition: what PATCH /v1/user/settings has set. */
  settings: EndUserSettingsDto.optional(),
  accounts: z.array(EndUserAccountDto).optional(),
}).meta({ id: 'EndUserDto' });

export const userContract = {
  getUserInfo: operation({
    method: 'get',
    path: '/v1/user',
    operationId: 'getUserInfo',
    tag: 'User',
    summary: 'The signed-in user with his accounts and settings',
    auth: 'user',
    response: json(EndUserDto),
    errors: [],
  }),

  updateSettings: operation({
    method: 'patch',
    path: '/v1/user/settings',
    operationId: 'updateSettings',
    tag: 'User',
    summary: 'Set the user\'s working hours; all his accounts use them',
    auth: 'user',
    body: EndUserSettingsDto,
    response: json(EndUserDto),
    errors: [],
  }),

  getEndUserAccounts: operation({
    method: 'get',
    path: '/v1/user/accounts',
    operationId: 'getEndUserAccounts',
    tag: 'User',
    summary: 'The accounts of the user, the primary one first',
    auth: 'user',
    response: json(EndUserAccountsPage),
    errors: [],
  }),

  logoutAccount: operation({
    method: 'delete',
    path: '/v1/user/accounts/{id}',
    operationId: 'logoutAccount',
    tag: 'User',
    summary: 'Sign out of an account: its tokens end, a hosted mailbox keeps its mail; of the primary account every session ends',
    auth: 'user',
    params: z.object({ id: id }),
    response: json(OkResponse),
    errors: ['notFound'],
  }),

  getEndUserAccount: operation({
    method: 'get',
    path: '/v1/user/accounts/{id}',
    operationId: 'getEndUserAccount',
    tag: 'User',
    summary: 'An account of the user',
    auth: 'user',
    params: z.object({ id: id }),
    response: json(EndUserAccountDto),
    errors: ['notFound'],
  }),

  copyAsManaged: operation({
    method: 'post',
    path: '/v1/user/accounts/{id}/managed',
    operationId: 'copyAsManaged',
    tag: 'User',
    summary: 'Make a copy of the account that belongs to the application and outlives the user\'s session',
    auth: 'user',
    params: z.object({ id: id }),
    query: z.object({
      clientOrgId: z.string().optional(),
    }),
    idempotent: true,
    response: json(EndUserAccountDto),
    errors: ['notFound', 'conflict'],
  }),

  logout: operation({
    method: 'post',
    path: '/v1/user/logout',
    operationId: 'logout',
    tag: 'User',
    summary: 'End every session of the user and unlink his Exchange mailboxes',
    auth: 'user',
    response: json(OkResponse),
    errors: [],
  }),
} as const;
