import { z } from 'zod';
import { json, operation } from '../../http/operation.ts';
import { NativeScope, Scope, ServiceTypeDaemon, ServiceTypeNonDaemon } from '../../http/wire.ts';
import { AccountSaveResult, UserAccountType } from '../accounts/contract.ts';

export const PreparedAuthToken = z.object({
  token: z.string(),
}).meta({ id: 'PreparedAuthToken' });

/** Clients in the field use any of them with both ways in, and a flow may only name the ones it supports. */
const ResponseType = z.enum(['cookie', 'code', 'none', 'token']);

/** What both flows take. The address is checked against the application's list, which is why it is a mere text here. */
const flowQuery = {
  clientId: z.string().meta({ description: 'The application.' }),
  serviceType: ServiceTypeNonDaemon,
  scopes: z.array(Scope).optional().meta({ description: 'What the application may do with the account; what it had before, or everything, where left out.' }),
  nativeScopes: z.array(NativeScope).optional(),
  accountId: z.int().optional().meta({ description: 'Re-authorises this account; signing in as somebody else is 409 account.mismatch.' }),
  loginHint: z.string().max(320).optional().meta({ description: 'Fills in the address of the sign-in form.' }),
  returnUrl: z.string().optional().meta({ description: 'One of the return URLs of the application, exactly. Left out: the result is posted to the opening window, at a registered origin only.' }),
  state: z.string().max(4096).optional().meta({ description: 'Given back unchanged.' }),
  serverUrl: z.string().optional(),
  ensureScopes: z.boolean().optional().meta({ description: 'Fail unless all scopes are granted. A hosted mailbox grants all that are asked for.' }),
  ensureAccess: z.boolean().optional().meta({ description: 'Fail unless the scopes can really be used. A hosted mailbox has all its services.' }),
  clientOrgId: z.string().max(200).optional(),
  authEmail: z.string().max(320).optional().meta({ description: 'Only this address may sign in; another is 409 account.mismatch.' }),
  token: z.string().max(200).optional().meta({ description: 'From /v1/auth/prepare. The flow then ends in a code that only the identity that prepared it can redeem.' }),
  mailboxInfo: z.string().max(2000).optional().meta({ description: 'Names a cookie of its own for this mailbox; calls then carry X-Aurinko-Mailbox-Info.' }),
};

const userQuery = {
  userId: z.string().max(200).optional().meta({ description: 'The user the account goes to; only with timestamp and userSignature.' }),
  timestamp: z.int().optional().meta({ description: 'Unix time of the signature in seconds or milliseconds; at most five minutes old.' }),
  userSignature: z.string().max(200).optional().meta({ description: 'HMAC-SHA256(client secret, userId + timestamp) in hex, base64 or base64url.' }),
};

export const authContract = {
  prepareAuth: operation({
    method: 'post',
    path: '/v1/auth/prepare',
    aliases: ['/auth/prepare'],
    operationId: 'prepareAuth',
    tag: 'Auth',
    summary: 'Exchange an identity token (X-Aurinko-Auth-Type: exchangeIdToken) for a single-use token that begins a sign-in',
    auth: 'none',
    response: json(PreparedAuthToken),
    errors: ['unauthorized', 'rate.limited', 'provider.failed', 'provider.timeout'],
  }),

  authorize: operation({
    method: 'get',
    path: '/v1/auth/authorize',
    aliases: ['/auth/authorize', '/authorize'],
    operationId: 'authorize',
    tag: 'Auth',
    summary: 'Sign in to an account: a page for a browser window, which ends at returnUrl',
    auth: 'none',
    query: z.object({
      ...flowQuery,
      ...userQuery,
      responseType: ResponseType.default('code'),
      recycle: z.boolean().optional().meta({ description: 'Use the account that exists for this mailbox; a hosted mailbox always is its one account.' }),
      userAccount: UserAccountType.optional().meta({ description: 'Signs a user in as authorizeUser does with this accountRole.' }),
    }),
    response: { kind: 'redirect' },
    errors: ['returnurl.invalid', 'service.unsupported'],
  }),

  authorizeDaemon: operation({
    method: 'get',
    path: '/v1/auth/authorizeDaemon',
    aliases: ['/auth/authorizeDaemon'],
    operationId: 'authorizeDaemon',
    tag: 'Auth',
    summary: 'Connect a service account; this server has no service that supports it yet',
    auth: 'none',
    query: z.object({
      clientId: z.string(),
      serviceType: ServiceTypeDaemon,
      scopes: z.array(Scope).optional(),
      nativeScopes: z.array(NativeScope).optional(),
      responseType: z.enum(['code', 'token']).default('code'),
      accountId: z.int().optional(),
      returnUrl: z.string(),
      state: z.string().optional(),
      clientOrgId: z.string().optional(),
      ensureScopes: z.boolean().optional(),
    }),
    response: { kind: 'redirect' },
    errors: ['service.unsupported'],
  }),

  authorizeUser: operation({
    method: 'get',
    path: '/v1/auth/authorizeUser',
    aliases: ['/authorizeUser', '/auth/authorizeUser'],
    operationId: 'authorizeUser',
    tag: 'Auth',
    summary: 'Sign a user in, or add a secondary account to one: a page for a browser window, which ends at returnUrl',
    auth: 'none',
    query: z.object({
      ...flowQuery,
      ...userQuery,
      responseType: ResponseType.default('cookie'),
      accountRole: z.enum(['primary', 'secondary']),
    }),
    response: { kind: 'redirect' },
    errors: ['returnurl.invalid', 'service.unsupported'],
  }),

  getAccessTokenByCode: operation({
    method: 'get',
    path: '/v1/auth/token/{code}',
    aliases: ['/auth/token/{code}'],
    operationId: 'getAccessTokenByCode',
    tag: 'Auth',
    summary: 'Redeem a code with the client id and secret, as the POST does',
    auth: 'app',
    params: z.object({ code: z.string().max(200) }),
    response: json(AccountSaveResult),
    errors: ['notFound'],
  }),

  authCodeExchange: operation({
    method: 'post',
    path: '/v1/auth/token/{code}',
    aliases: ['/auth/token/{code}'],
    operationId: 'authCodeExchange',
    tag: 'Auth',
    summary: 'Redeem a code: with the client id and secret, or with the Exchange identity that prepared the sign-in and the client id',
    auth: 'none',
    params: z.object({ code: z.string().max(200) }),
    response: json(AccountSaveResult),
    errors: ['unauthorized', 'notFound', 'account.mismatch', 'rate.limited'],
  }),

  signIn: operation({
    method: 'post',
    path: '/v1/auth/signin',
    operationId: 'signIn',
    tag: 'Auth',
    summary: 'The sign-in form',
    auth: 'none',
    bodyKind: 'form',
    bodyLimit: 65_536,
    body: z.object({
      /** The signed flow; see flow.ts. */
      flow: z.string(),
      email: z.string().max(320).default(''),
      password: z.string().max(1024).default(''),
      action: z.enum(['signin', 'cancel']).default('signin'),
    }),
    response: { kind: 'page' },
    errors: [],
    sundial: true,
    hidden: true,
  }),

  signInResult: operation({
    method: 'get',
    path: '/v1/auth/result.js',
    operationId: 'signInResult',
    tag: 'Auth',
    summary: 'The script of the page that hands the result to the opening window',
    auth: 'none',
    response: { kind: 'bytes', mediaType: 'text/javascript; charset=utf-8' },
    errors: [],
    sundial: true,
    hidden: true,
  }),
} as const;
