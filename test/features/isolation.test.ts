import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { operations } from '../../server/contract.ts';
import { transaction } from '../../server/db/db.ts';
import { issueAccountToken, upsertApp } from '../../server/features/accounts/service.ts';
import type { Operation } from '../../server/http/operation.ts';
import { BASIC, createTestApp, type Answer, type TestApp } from '../support/app.ts';
import { mailbox } from '../support/signin.ts';
import { createStranger, createWorld, kindOf, type World } from '../support/world.ts';

/** The isolation matrix: what belongs to Olivia, asked for by whom it does not belong to, over every operation. */
let app: TestApp;
let world: World;
let others: readonly Caller[];

/** Headers for each kind of credentials that a caller has. */
interface Caller {
  readonly who: string;
  readonly account: Record<string, string>;
  readonly user: Record<string, string>;
  readonly app: Record<string, string>;
}

beforeAll(async () => {
  // Time stands still, so that what is read twice is the same twice.
  const now = new Date();
  app = await createTestApp({ realTime: () => now });
  world = await createWorld(app, 'olivia');
  const stranger = await createStranger(app, 'mallory');
  const other = await upsertApp(app.deps, { clientId: 'other-client', clientSecret: 'other-client-secret-of-32-letters', signingSecret: 'other-signing-secret-0123456789', name: 'Other', returnUrls: [], origins: [] });
  const { accountId } = await mailbox(app, 'foreign@hosted.test', other.id);
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const basic = { authorization: `Basic ${Buffer.from('other-client:other-client-secret-of-32-letters').toString('base64')}` };
  others = [
    { who: 'another account', account: bearer(stranger.token), user: stranger.session, app: basic },
    { who: 'another user', account: { ...stranger.session, 'x-aurinko-accountid': world.ids.account }, user: stranger.session, app: basic },
    { who: 'another application', account: bearer(await transaction(app.deps.db, (trx) => issueAccountToken(trx, accountId))), user: stranger.session, app: basic },
  ];
});
afterAll(() => app.close());

/** The owner's own, for a path parameter; a new kind of id must be told of in kindOf. */
function idFor(op: Operation, parameter: string): string {
  const kind = kindOf(op, parameter);
  if (!kind) throw new Error(`${op.operationId}: say in kindOf what {${parameter}} names.`);
  return world.ids[kind];
}

const inAnHour = () => ({ dateTime: new Date(app.clock.now().getTime() + 3_600_000).toISOString(), timezone: 'UTC' });

/** Bodies that are right, so that nothing but the ownership can be what is refused. */
const bodies: Record<string, () => unknown> = {
  reply: () => ({ body: 'x', to: [{ address: 'buyer@elsewhere.test' }] }),
  updateMessageStatus: () => ({ unread: false }),
  updateDraft: () => ({ subject: 'changed', to: [{ address: 'buyer@elsewhere.test' }] }),
  convertDraftTracking: () => ({ messageId: 'm', threadId: 't', internetMessageId: '<x@y.test>' }),
  updateRule: () => ({ name: 'changed', actions: [{ intervalDays: 1, message: 'x' }] }),
  updateConversationDripStatus: () => ({ status: 'disabled' }),
  putFollowUpDraft: () => ({ ruleId: Number(world.ids.rule), targets: ['buyer@elsewhere.test'] }),
  setDraftTemplates: () => ({ ruleIds: [Number(world.ids.rule)] }),
  previewFollowUp: () => ({ ruleId: Number(world.ids.rule), targets: ['buyer@elsewhere.test'] }),
  updateBooking: () => ({ subject: 'changed' }),
  createEvent: () => ({ subject: 'mine', start: inAnHour(), end: inAnHour() }),
};
const queries: Record<string, () => Record<string, string | boolean>> = {
  range: () => ({ timeMin: app.clock.now().toISOString(), timeMax: new Date(app.clock.now().getTime() + 40 * 86_400_000).toISOString() }),
  switchOpenClicks: () => ({ inetMessageId: world.ids.internetMessage, isIgnored: true }),
};
const bookable = async () => ({ time: (await app.call('GET', `/v1/book/account/profiles/${world.ids.profile}/meeting`, { as: world.token })).body.items[3] });

async function call(op: Operation, headers: Record<string, string>): Promise<Answer> {
  const path = op.path.replace(/\{([^}]+)\}/g, (_, parameter: string) => encodeURIComponent(idFor(op, parameter)));
  const body = op.operationId === 'bookingAccountCreateMeeting' ? await bookable() : bodies[op.operationId]?.() ?? (op.body && !op.bodyOptional ? {} : undefined);
  return app.call(op.method.toUpperCase(), path, { headers, ...(body === undefined ? {} : { body }), ...(queries[op.operationId] ? { query: queries[op.operationId]!() } : {}) });
}

const name = (op: Operation): string => `${op.method.toUpperCase()} ${op.path}`;
const closed = operations.filter((op) => op.auth !== 'none');
/** Those that name something of an account: by their path, or by what their query or body has here. */
const naming = closed.filter((op) => op.path.includes('{') || op.operationId === 'previewFollowUp' || op.operationId === 'switchOpenClicks');
const owner = (op: Operation): Record<string, string> => (op.auth === 'app' ? { authorization: BASIC } : op.auth === 'user' ? world.session : { authorization: `Bearer ${world.token}` });

/** All that Olivia reads of her own. */
async function everything(): Promise<Record<string, unknown>> {
  const read: Record<string, unknown> = {};
  for (const op of closed.filter((o) => o.method === 'get' && o.response.kind === 'json' && o.operationId !== 'getAccessTokenByCode')) {
    const { status, body } = await call(op, owner(op));
    read[name(op)] = { status, body };
  }
  return read;
}

describe('what belongs to one account', () => {
  it('is 404 for another account, another user and another application, whichever operation names it, and stays as it was', async () => {
    const before = await everything();
    const wrong: string[] = [];
    for (const caller of others) {
      for (const op of naming) {
        const answer = await call(op, caller[op.auth as 'account' | 'user' | 'app']);
        if (answer.status !== 404) wrong.push(`${caller.who}: ${name(op)}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 200)}`);
      }
    }
    expect(wrong).toEqual([]);
    await app.drain();
    const after = await everything();
    for (const [at, answer] of Object.entries(before)) expect({ at, answer: after[at] }).toEqual({ at, answer });
  });

  it('shows in no list of anybody else', async () => {
    const wrong: string[] = [];
    for (const caller of others) {
      for (const op of closed.filter((o) => o.method === 'get' && !o.path.includes('{') && o.response.kind === 'json')) {
        const answer = await call(op, caller[op.auth as 'account' | 'user' | 'app']);
        if (JSON.stringify(answer.body).includes('olivia')) wrong.push(`${caller.who}: ${name(op)}: ${JSON.stringify(answer.body)}`);
      }
      for (const [kind, parameter] of [['thread', 'threadId'], ['message', 'messageId'], ['internetMessage', 'internetMessageId'], ['prepared', 'draftId'], ['trackingCode', 'trackingCode']] as const) {
        const answer = await app.call('GET', '/v1/email/tracking', { headers: caller.account, query: { [parameter]: world.ids[kind], showSentOnly: false } });
        if (answer.status < 300 && answer.body.records.length) wrong.push(`${caller.who}: tracking by ${parameter}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it.each(['get', 'put', 'patch', 'post', 'delete'] as const)('is there for its owner by the same %s requests', async (method) => {
    // Each with a world of its own: sending a draft or confirming a hold takes it away.
    world = await createWorld(app, `olivia-${method}`);
    const last = ['logoutAccount', 'amAccountDelete'];
    // From the end of the contract: what hangs on a rule or a profile stands behind it.
    const sorted = naming.filter((op) => op.method === method).reverse().sort((a, b) => last.indexOf(a.operationId) - last.indexOf(b.operationId));
    const wrong: string[] = [];
    for (const op of sorted) {
      const answer = await call(op, owner(op));
      if (answer.status >= 300) wrong.push(`${name(op)}: ${answer.status} ${JSON.stringify(answer.body).slice(0, 200)}`);
    }
    expect(wrong).toEqual([]);
  });
});
