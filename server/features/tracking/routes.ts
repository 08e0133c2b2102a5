import { transaction } from '../../db/db.ts';
import type { Deps } from '../../deps.ts';
import { notFound } from '../../errors.ts';
import type { Handlers } from '../../http/operation.ts';
import { offsetPage } from '../../http/paging.ts';
import { events, jsonReply, page } from '../../http/reply.ts';
import type { trackingContract } from './contract.ts';
import { judgeWaiting } from './judging.ts';
import { RETENTION_MONTHS } from './options.ts';
import { optOut, optOutPage, preferredLanguage } from './optout.ts';
import { presentDraft, presentEvent, presentTracking } from './present.ts';
import { listEvents, listTrackings, organisationPolicy, storePolicy } from './queries.ts';
import { forgetAccount } from './removal.queries.ts';
import { convertDraft, createDraftTracking, markViewing, purgeMyTracking, setDraftContext, switchOpenClicks } from './service.ts';
import { reportSent } from './sent-report.ts';
import { accountStream } from './stream.ts';
import { viewerCookie } from './viewer.ts';

const OK = { status: 'Ok' } as const;
const ONE = { limit: 1, offset: 0 };

export function trackingRoutes(deps: Deps): Handlers<typeof trackingContract> {
  // Browsers take the mark over https only.
  const ownBrowser = (accountId: number, secure: boolean) => (secure ? jsonReply(OK, { headers: { 'Set-Cookie': viewerCookie(deps.keys, accountId) } }) : OK);
  return {
    createDraftTracking: async ({ principal, query, body }) => presentDraft(deps, await createDraftTracking(deps, principal, {
      draftId: query.draftId,
      ignoreNotFound: query.ignoreNotFound ?? false,
      htmlText: body.htmlText,
      tracking: body.tracking ?? { opens: true, threadReplies: true },
      language: body.language,
      linksOnly: body.linksOnly ?? false,
    })),

    convertDraftTracking: async ({ principal, params, body }) => {
      await convertDraft(deps, principal.accountId, params.draftId, body);
      return OK;
    },

    updateDraftTracking: async ({ principal, params, body }) => {
      await setDraftContext(deps, principal.accountId, params.draftId, body.context);
      return OK;
    },

    getTracking: async ({ principal, query }) => {
      await judgeWaiting(deps, principal.accountId);
      const { limit, offset, showSentOnly, ...filter } = query;
      const { rows, total } = await listTrackings(deps.db, principal.accountId, { ...filter, sentOnly: showSentOnly }, { limit, offset });
      return offsetPage(rows.map(presentTracking), total, offset);
    },

    trackingById: async ({ principal, params }) => {
      await judgeWaiting(deps, principal.accountId);
      const { rows: [row] } = await listTrackings(deps.db, principal.accountId, { id: params.id }, ONE);
      if (!row) throw notFound('The tracked message');
      return presentTracking(row);
    },

    getTrackingEvents: async ({ principal, query }) => {
      await judgeWaiting(deps, principal.accountId);
      const { rows, total } = await listEvents(deps.db, principal.accountId, {
        ...(query.threadId === undefined ? {} : { threadId: query.threadId }),
        ...(query.from === undefined ? {} : { from: new Date(query.from) }),
        ...(query.to === undefined ? {} : { to: new Date(query.to) }),
      }, query);
      return offsetPage(rows.map(presentEvent), total, query.offset);
    },

    trackingEvents: async ({ principal, params, query }) => {
      await judgeWaiting(deps, principal.accountId);
      const { rows: [tracking] } = await listTrackings(deps.db, principal.accountId, { id: params.id }, ONE);
      if (!tracking) throw notFound('The tracked message');
      const { rows, total } = await listEvents(deps.db, principal.accountId, { trackingId: params.id }, query);
      return offsetPage(rows.map(presentEvent), total, query.offset);
    },

    trackingEventById: async ({ principal, params }) => {
      await judgeWaiting(deps, principal.accountId);
      const { rows: [row] } = await listEvents(deps.db, principal.accountId, { trackingId: params.trackingId, eventId: params.id }, { ...ONE, newestFirst: false });
      if (!row) throw notFound('The tracking event');
      return presentEvent(row);
    },

    purgeMyTracking: async ({ principal, query, request }) => {
      await judgeWaiting(deps, principal.accountId);
      await purgeMyTracking(deps, principal.accountId, { userAgent: request.userAgent, ip: request.ip, threadId: query.threadId });
      return ownBrowser(principal.accountId, request.secure);
    },

    switchOpenClicks: async ({ principal, query }) => {
      await switchOpenClicks(deps, principal.accountId, query);
      return OK;
    },

    markTrackingViewing: async ({ principal, body, request }) => {
      await judgeWaiting(deps, principal.accountId);
      await markViewing(deps, principal.accountId, body);
      return ownBrowser(principal.accountId, request.secure);
    },

    deleteTracking: async ({ principal }) => {
      await transaction(deps.db, (trx) => forgetAccount(trx, principal.accountId));
      return OK;
    },

    trackingStream: async ({ principal, headers, request }) => {
      const after = headers['last-event-id'];
      return events(accountStream(deps, principal.accountId, after === undefined ? undefined : Number(after), request.signal));
    },

    reportSent: async ({ body }) => {
      await reportSent(deps, body);
      return OK;
    },

    getTrackingPolicy: async ({ principal }) => ({ ...await organisationPolicy(deps.db, principal.appId), retentionMonths: RETENTION_MONTHS }),

    setTrackingPolicy: async ({ principal, body }) => {
      const stored = { policy: body.policy, trackNewMessages: body.trackNewMessages ?? false };
      await storePolicy(deps.db, principal.appId, stored);
      return { ...stored, retentionMonths: RETENTION_MONTHS };
    },

    optOutPage: async ({ request }) => page(optOutPage(preferredLanguage(request.rawHeaders['accept-language']), false), 'signin'),

    optOut: async ({ params, request }) => {
      await optOut(deps, params.code);
      return page(optOutPage(preferredLanguage(request.rawHeaders['accept-language']), true), 'signin');
    },
  };
}
