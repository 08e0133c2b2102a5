import type { z } from 'zod';
import type { Deps } from '../../deps.ts';
import { AppError } from '../../errors.ts';
import { rateLimit } from '../../http/limits.ts';
import type { Handlers, RequestFacts } from '../../http/operation.ts';
import { bytes, page, redirect, type Cookie, type Reply } from '../../http/reply.ts';
import { randomToken } from '../../lib/ids.ts';
import { subscriberOf } from '../../lib/subscriber.ts';
import { settingOf } from '../../db/settings.ts';
import { accountByPassword } from '../accounts/hosted.service.ts';
import { appByClientId, type AppRow } from '../accounts/queries.ts';
import { authTypeHeader, clientIdHeader, requireListedOrigin } from './authenticator.ts';
import type { authContract } from './contract.ts';
import { exchangeTokensOf } from './exchange-token.ts';
import { beginFlow, cancelFlow, completeFlow, requireReturn, type Asking, type Flow, type FlowRequest, type Outcome } from './flow.service.ts';
import { prepare, redeemForApp, redeemForIdentity } from './grant.service.ts';
import { endedPage, messagePage, notConfiguredPage, outcomeParameters, RESULT_SCRIPT, signInPage } from './pages.ts';
import type { Identity } from './queries.ts';
import { sessionCookie } from './session.service.ts';
import { signInOf, workingSignIns } from './sign-ins.ts';

const FORM_MS = 30 * 60_000;
/**
 * Ties the form to the browser that got it; a foreign site can neither read nor set it. Over https the
 * prefix keeps neighbours on the same domain from setting it as well (RFC 6265bis, 4.1.3.2).
 */
const formCookie = (secure: boolean): string => (secure ? '__Host-sundial_signin' : 'sundial_signin');

type AuthorizeQuery = z.output<typeof authContract.authorize.query>;
type AuthorizeUserQuery = z.output<typeof authContract.authorizeUser.query>;

/** What the form carries, signed. */
interface SignedForm {
  readonly flow: Flow;
  readonly asking: Asking | undefined;
  readonly joins: string | undefined;
  readonly browser: string;
  readonly until: number;
  /** The address of the form's page, so that a second try offers the same. */
  readonly query: string;
}

interface SeededSignIn {
  readonly email: string;
  readonly password: string;
}

export function authRoutes(deps: Deps): Handlers<typeof authContract> {
  const perAddress = rateLimit(deps.db, { name: 'signin.ip', points: 100, seconds: 900 });
  const perMailbox = rateLimit(deps.db, { name: 'signin.mailbox', points: 10, seconds: 900 });
  // Guessing one mailbox's password from many places; far above what its owner needs.
  const perMailboxEverywhere = rateLimit(deps.db, { name: 'signin.everywhere', points: 100, seconds: 3600 });
  const preparing = rateLimit(deps.db, { name: 'prepare', points: 600, seconds: 300 });
  const redeeming = rateLimit(deps.db, { name: 'redeem', points: 600, seconds: 300 });

  return {
    prepareAuth: async ({ request }) => {
      await preparing.consume(subscriberOf(request.ip));
      return { token: await prepare(deps, await identityOf(request)) };
    },

    authorize: ({ query, request }) => begin({ ...query, role: query.userAccount }, query, 'authorize', request),

    authorizeUser: ({ query, request }) => begin({ ...query, role: query.accountRole }, query, 'authorizeUser', request),

    authorizeDaemon: async ({ query }) => {
      throw new AppError('service.unsupported', `serviceType: ${query.serviceType} has no service accounts on this server.`);
    },

    getAccessTokenByCode: ({ params, principal }) => redeemForApp(deps, principal.appId, params.code),

    authCodeExchange: async ({ params, principal, request }) => {
      await redeeming.consume(subscriberOf(request.ip));
      if (principal?.via === 'basic') return redeemForApp(deps, principal.appId, params.code);
      const identity = await identityOf(request);
      const clientId = clientIdHeader(request);
      const app = clientId === undefined ? undefined : await appByClientId(deps.db, clientId);
      if (!app) throw new AppError('unauthorized', 'X-Aurinko-Client-Id: name the application whose code this is.');
      requireListedOrigin(deps, request, app);
      return redeemForIdentity(deps, app.id, params.code, identity);
    },

    signIn: ({ body, request }) => submit(body, request),

    signInResult: async () => bytes(Buffer.from(RESULT_SCRIPT), 'text/javascript; charset=utf-8', { pageClass: 'asset' }),
  };

  /** The Exchange identity whose token the request carries. */
  async function identityOf(request: RequestFacts): Promise<Identity> {
    const type = authTypeHeader(request);
    if (type === 'entraIdToken') throw new AppError('unauthorized', 'entraIdToken: sign-in with Microsoft Entra is not set up on this server.');
    const token = /^bearer +(\S+)$/i.exec(request.rawHeaders.authorization ?? '')?.[1];
    if (type !== 'exchangeIdToken' || !token) throw new AppError('unauthorized', 'Send X-Aurinko-Auth-Type: exchangeIdToken and the identity token as Bearer.');
    return exchangeTokensOf(deps).verify(token);
  }

  async function begin(asked: FlowRequest, query: AuthorizeQuery | AuthorizeUserQuery, operation: string, request: RequestFacts): Promise<Reply> {
    const app = await requireReturn(deps, asked.clientId, asked.returnUrl);
    const signIn = signInOf(deps.domains, asked.serviceType);
    const hrefWith = (changes: Record<string, string>): string => `/v1/auth/${operation}?${queryText({ ...query, ...changes })}`;
    if (signIn.kind === 'notConfigured') {
      return page(notConfiguredPage({
        ...signIn,
        working: workingSignIns(deps.domains).map((w) => ({ label: w.label, href: hrefWith({ serviceType: w.serviceType }) })),
        cancelHref: asked.returnUrl === undefined ? undefined : withParameters(asked.returnUrl, outcomeParameters(
          { status: 'error', error: 'service.unsupported', errorMessage: `${signIn.label} is not set up on this server.` }, asked.state, request.requestId)),
      }), 'signin');
    }
    try {
      const { flow, asking, joins } = await beginFlow(deps, app, asked, request);
      const browser = request.cookies[formCookie(request.secure)] ?? randomToken(16);
      const form: SignedForm = { flow, asking, joins, browser, until: deps.clock.real().getTime() + FORM_MS, query: hrefWith({}) };
      return await show(app, form, request, { hint: query.loginHint ?? query.authEmail });
    } catch (error) {
      return end(app, asked, failure(error), request);
    }
  }

  async function submit(body: { flow: string; email: string; password: string; action: 'signin' | 'cancel' }, request: RequestFacts): Promise<Reply> {
    const form = openForm(body.flow, request);
    const app = form && await appByClientId(deps.db, form.flow.clientId);
    if (!form || !app) return page(endedPage(), 'signin', { status: 400 });
    if (body.action === 'cancel') return end(app, form.flow, await cancelFlow(deps, form.flow), request);
    const email = body.email.trim();
    const from = subscriberOf(request.ip);
    try {
      await perAddress.consume(from);
      await perMailbox.consume(`${from} ${email.toLowerCase()}`);
      await perMailboxEverywhere.consume(email.toLowerCase());
      const account = await accountByPassword(deps, app.id, email, body.password);
      if (!account) throw new AppError('unauthorized', 'That address and password do not match.');
      await perMailbox.reset(`${from} ${email.toLowerCase()}`);
      return end(app, form.flow, await completeFlow(deps, app, form.flow, account), request);
    } catch (error) {
      if (!(error instanceof AppError) || error.status >= 500) throw error;
      // The prepared token is gone: no second try can succeed.
      if (error.code === 'token.notValid') return end(app, form.flow, failure(error), request);
      return show(app, form, request, { hint: email, problem: error });
    }
  }

  async function show(app: AppRow, form: SignedForm, request: RequestFacts, { hint = '', problem }: { hint?: string | undefined; problem?: AppError }): Promise<Reply> {
    const seeded = await seededSignIns();
    const filled = seeded.find((s) => s.email.toLowerCase() === hint.toLowerCase()) ?? (hint || problem ? undefined : seeded[0]);
    const html = signInPage({
      appName: app.name,
      returnHost: form.flow.returnUrl && new URL(form.flow.returnUrl).host,
      asking: form.asking,
      joins: form.joins,
      flow: deps.keys.sign('signin', form),
      email: filled?.email ?? hint,
      password: problem ? '' : filled?.password ?? '',
      problem: problem?.message,
      others: seeded.filter((s) => s !== filled).map((s) => ({ email: s.email, href: changed(form.query, 'loginHint', s.email) })),
    });
    return page(html, 'signin', {
      status: problem?.status ?? 200,
      cookies: [{ name: formCookie(request.secure), value: form.browser, sameSite: 'lax', maxAgeSeconds: FORM_MS / 1000 }],
      ...(problem?.options.retryAfter === undefined ? {} : { headers: { 'Retry-After': String(problem.options.retryAfter) } }),
    });
  }

  /** The playground fills its own two accounts in, so that trying it takes no typing. */
  async function seededSignIns(): Promise<readonly SeededSignIn[]> {
    if (deps.config.mode !== 'playground') return [];
    return (await settingOf(deps.db, 'playground.signin') ?? []) as SeededSignIn[];
  }

  function openForm(signed: string, request: RequestFacts): SignedForm | undefined {
    try {
      const form = deps.keys.verify('signin', signed) as SignedForm;
      const own = form.browser === request.cookies[formCookie(request.secure)] && !sentByAnotherSite(request);
      return own && deps.clock.real().getTime() < form.until ? form : undefined;
    } catch {
      return undefined;
    }
  }

  function end(app: AppRow, flow: Pick<Flow, 'returnUrl' | 'state'>, outcome: Outcome, request: RequestFacts): Reply {
    const parameters = outcomeParameters(outcome, flow.state, request.requestId);
    const cookies: Cookie[] = outcome.status === 'success' && outcome.cookie ? [sessionCookie(outcome.cookie.name, outcome.cookie.value, request.secure)] : [];
    if (flow.returnUrl !== undefined) return redirect(withParameters(flow.returnUrl, parameters), { cookies });
    return page(messagePage(parameters, app.origins), 'signin', { cookies });
  }
}

/** What the browser itself says of who sent the form (Fetch Metadata); older ones say nothing. Our form sends no Origin, since its page has no referrer. */
const sentByAnotherSite = ({ rawHeaders }: RequestFacts): boolean => !['same-origin', 'none', undefined].includes(rawHeaders['sec-fetch-site']);

/** Faults of the server are not for a foreign site's log; they stay errors of this request. */
function failure(error: unknown): Outcome {
  if (!(error instanceof AppError) || error.status >= 500) throw error;
  return { status: 'error', error: error.code, errorMessage: error.message };
}

function withParameters(returnUrl: string, parameters: Record<string, string>): string {
  const url = new URL(returnUrl);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.toString();
}

function queryText(query: Record<string, unknown>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return new URLSearchParams(given.map(([name, value]) => [name, Array.isArray(value) ? value.join(' ') : String(value)])).toString();
}

function changed(href: string, name: string, value: string): string {
  const [path = '', query] = href.split('?');
  const parameters = new URLSearchParams(query);
  parameters.set(name, value);
  return `${path}?${parameters}`;
}
