import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Failpoint } from '../../server/lib/failpoint.ts';
import { startPostgres } from '../support/embedded-postgres.ts';
import { startFaulty, type Faulty } from '../support/faulty.ts';
import { startSmtpSink, type SmtpSink } from '../support/smtp-sink.ts';

const STEPS = 200;
const POINTS: readonly Failpoint[] = ['followup.claim', 'smtp.rcpt', 'smtp.beforeDot', 'smtp.afterDot', 'smtp.answered', 'mail.settled'];

interface Conversation {
  readonly status: string;
  readonly stopReason: string;
  readonly nextAt?: string;
  readonly steps: readonly { readonly internetMessageId: string; readonly state: string }[];
}

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

/** Servers that share one database; each killed one is replaced by the next. */
class Fleet {
  readonly servers: Faulty[] = [];
  readonly #env: Record<string, string>;
  readonly #ahead = new WeakMap<Faulty, number>();
  #target = 0;

  constructor(env: Record<string, string>) {
    this.#env = env;
    cleanups.push(() => Promise.all(this.servers.map((s) => s.kill())).then(() => {}));
  }

  get any(): Faulty {
    return this.servers[0]!;
  }

  async add(): Promise<void> {
    const server = await startFaulty(this.#env);
    this.servers.push(server);
    await this.#catchUp(server);
  }

  /** A clock that was moved before is moved by the rest. */
  async #catchUp(server: Faulty): Promise<void> {
    const ahead = this.#ahead.get(server) ?? 0;
    const by = Math.max(0, this.#target - Date.now() - ahead);
    this.#ahead.set(server, ahead + by);
    await server.advance(by);
  }

  /** All clocks to this time, also those of servers that start later. */
  async moveTo(time: number): Promise<void> {
    this.#target = time;
    // Whoever dies of what becomes due by it cannot say any more that his clock was moved.
    for (const server of this.servers) await Promise.race([this.#catchUp(server), server.ended]);
  }

  /** Moves on to `time`; whoever then comes to the point as the nth is killed there, and another one takes the place. */
  async killAt(point: Failpoint, nth: number, time: number): Promise<void> {
    await Promise.all(this.servers.map((server) => server.arm(point, 'kill', { nth })));
    await this.moveTo(time);
    const dead = await Promise.race(this.servers.map((server) => server.ended.then((how) => ({ server, how }))));
    expect(dead.how, `at ${point}`).toBe('SIGKILL');
    this.servers.splice(this.servers.indexOf(dead.server), 1);
    // The others may be at the very same point; who dies there as well is replaced too.
    for (const other of [...this.servers]) {
      const alive = await Promise.race([other.disarm(point).then(() => true), other.ended.then(() => false)]);
      if (alive) continue;
      this.servers.splice(this.servers.indexOf(other), 1);
      await this.add();
    }
    await this.add();
  }
}

const conversations = async (server: Faulty, token: string): Promise<Conversation[]> => {
  const all: Conversation[] = [];
  for (let offset = 0; ; offset += 100) {
    const { body } = await server.call('GET', `/v1/followup/conversations?limit=100&offset=${offset}`, { as: token });
    all.push(...body.records);
    if (body.done || !body.records.length) return all;
  }
};

const idsAt = (sink: SmtpSink): string[] => sink.taken.map(({ data }) => /^message-id:\s*(<.*?>)/im.exec(data)![1]!);

async function sendAndKill(env: Record<string, string>, processes: number): Promise<void> {
  const sink = await startSmtpSink();
  cleanups.push(() => sink.close());
  const fleet = new Fleet({ ...env, SMTP_RELAY_URL: sink.url });
  for (let n = 0; n < processes; n++) await fleet.add();
  const { token } = await fleet.any.account('alice@hosted.test');
  const { body: rule } = await fleet.any.call('POST', '/v1/followup/rules', { as: token, body: { actions: [{ intervalDays: 1, message: 'Any news?' }] } });
  await Promise.all(Array.from({ length: 10 }, async (_, worker) => {
    for (let i = worker; i < STEPS; i += 10) {
      const sent = await fleet.any.call('POST', '/v1/email/messages', { as: token, body: { subject: `Offer ${i}`, body: 'x', to: [{ address: `p${i}@away.example` }], followUp: { ruleId: rule.id } } });
      expect(sent.status).toBe(201);
    }
  }));
  await expect.poll(() => sink.taken.length, { timeout: 120_000, interval: 200 }).toBe(STEPS);
  const planned = await conversations(fleet.any, token);
  const steps = planned.map((c) => c.steps[0]!.internetMessageId).sort();
  expect(new Set(steps).size).toBe(STEPS);

  sink.taken.length = 0;
  // For each kill some steps become due, or who survives would have sent all before the next one is armed.
  const due = planned.map((c) => Date.parse(c.nextAt!)).sort((a, b) => a - b);
  for (const [i, point] of POINTS.entries()) await fleet.killAt(point, 5, due[Math.floor((i + 1) * STEPS / POINTS.length) - 1]!);

  const outcome = async () => {
    // What a kill left unheard holds the claims of its account up until it is heard; the next sweep goes on.
    await fleet.any.advance(0);
    const now = await conversations(fleet.any, token);
    const inDoubt = now.filter((c) => c.stopReason === 'inDoubt').map((c) => c.steps[0]!.internetMessageId);
    return { active: now.filter((c) => c.status === 'active').length, missing: steps.filter((id) => !inDoubt.includes(id) && !idsAt(sink).includes(id)).length };
  };
  await expect.poll(outcome, { timeout: 150_000, interval: 500 }).toEqual({ active: 0, missing: 0 });
  const arrived = idsAt(sink);
  expect(arrived.filter((id, i) => arrived.indexOf(id) !== i), 'sent twice').toEqual([]);
  expect(arrived.filter((id) => !steps.includes(id)), 'never planned').toEqual([]);
  const doubtful = (await conversations(fleet.any, token)).filter((c) => c.stopReason === 'inDoubt');
  expect(doubtful.every((c) => c.steps[0]!.state === 'inDoubt')).toBe(true);
  // In doubt is what was on its way when a process was killed behind its last byte, and no more than that: four at a time in each process.
  expect(doubtful.length).toBeGreaterThan(0);
  expect(doubtful.length).toBeLessThanOrEqual(4 * processes * POINTS.length);
}

describe(`${STEPS} due steps over a relay, with a kill at each point on their way`, () => {
  it('leave once or are in doubt, and none is lost, on the embedded database', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'sundial-outbound-'));
    cleanups.push(() => rmSync(dataDir, { recursive: true, force: true }));
    await sendAndKill({ DATA_DIR: dataDir }, 1);
  });

  it('leave once or are in doubt, and none is lost, with two processes on one Postgres', async () => {
    const postgres = await startPostgres({ durable: true });
    cleanups.push(() => postgres.close());
    const dataDir = mkdtempSync(join(tmpdir(), 'sundial-outbound-'));
    cleanups.push(() => rmSync(dataDir, { recursive: true, force: true }));
    await sendAndKill({ DATA_DIR: dataDir, DATABASE_URL: postgres.url }, 2);
  });
});
