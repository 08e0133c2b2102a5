import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { transaction } from '../../server/db/db.ts';
import { defineJob } from '../../server/jobs/jobs.ts';
import { createTestApp, type TestApp } from '../support/app.ts';
import { deliverRaw } from '../support/mail.ts';
import { AGENTS, load, trackedMessage } from '../support/tracking.ts';

const root = join(import.meta.dirname, '../..');
const DASHBOARD = 'ops/grafana/sundial.json';
const ALERTS = 'ops/prometheus/alerts.yaml';

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
});
afterAll(() => app.close());

const figures = async (): Promise<string> => (await app.call('GET', '/metrics')).body;
/** The figure of a line of /metrics; 0 where it is not there yet. */
const figure = async (line: string): Promise<number> => Number((await figures()).split('\n').find((l) => l.startsWith(`${line} `))?.split(' ').at(-1) ?? 0);

describe('/metrics', () => {
  it('counts mail in, delivery attempts, opens and clicks, by what became of them', async () => {
    const { account, token } = await app.account();
    await deliverRaw(app, account.email, 'Subject: In\n\nHello');
    await expect(deliverRaw(app, 'nobody@hosted.test', 'Subject: In\n\nHello')).rejects.toThrow();
    await app.call('POST', '/v1/email/messages', { as: token, body: { to: [{ address: account.email }, { address: 'far@away.example' }], subject: 'Out', body: '<p>x</p>' } });
    await app.drain();
    expect(await figure('sundial_mail_received_total{result="taken"}')).toBe(2);
    expect(await figure('sundial_mail_received_total{result="refused"}')).toBe(1);
    expect(await figure('sundial_mail_sent_total{route="own",result="taken"}')).toBe(1);

    const { code } = await trackedMessage(app, token);
    await load(app, `/t/${code}.gif`, AGENTS.outlook);
    await expect.poll(() => figures()).toMatch(/sundial_opens_total\{verdict="human"\} 1/);
    expect(await figure('sundial_pixel_seconds_count')).toBe(1);
    expect(await figures()).toMatch(/sundial_http_request_seconds_count\{operation="\w+",status="201"\} 1/);
  });

  it('shows what waits and for how long, and 0 again when it is done', async () => {
    const sweep = defineJob({ name: 'mail.sweep', payload: z.object({ serviceType: z.string(), accountId: z.null(), ref: z.string() }), handler: async () => {} });
    await transaction(app.deps.db, (trx) => app.deps.jobs.enqueue(trx, sweep, { serviceType: 'Hosted', accountId: null, ref: '' }));
    await new Promise((done) => void setTimeout(done, 1100));
    expect(await figure('sundial_jobs_due{queue="mail.sweep"}')).toBe(1);
    expect(await figure('sundial_queue_age_seconds{queue="mail.sweep"}')).toBeGreaterThan(1);
    await app.drain();
    expect(await figure('sundial_jobs_due{queue="mail.sweep"}')).toBe(0);
    expect(await figure('sundial_queue_age_seconds{queue="mail.sweep"}')).toBe(0);
    expect(await figure('sundial_jobs_total{queue="mail.sweep",result="done"}')).toBeGreaterThan(0);
  });

  it('counts an open stream, and no longer when it is closed', async () => {
    const { token } = await app.account();
    const gone = new AbortController();
    await fetch(`${app.url}/v1/email/tracking/stream`, { headers: { authorization: `Bearer ${token}` }, signal: gone.signal });
    expect(await figure('sundial_streams_open')).toBe(1);
    gone.abort();
    await expect.poll(() => figure('sundial_streams_open')).toBe(0);
  });

  it('has labels from lists in the code only: what requests say makes no new series', async () => {
    const series = async (): Promise<number> => (await figures()).split('\n').filter((line) => line.startsWith('sundial_')).length;
    await app.call('GET', '/v1/account/never-0');
    const before = await series();
    for (let i = 1; i <= 20; i++) {
      await app.call('GET', `/v1/account/never-${i}`);
      await app.call('GET', `/t/${String(i).padStart(22, 'x')}.gif`, { headers: { 'user-agent': `agent-${i}` } });
      await app.call('GET', `/v1/am/accounts/${i}`, { headers: { authorization: `Basic ${i}` } });
    }
    // One operation with one status of its own, whatever was asked for.
    expect(await series()).toBeLessThanOrEqual(before + 9);
  });
});

describe('what is shown and watched', () => {
  /** The metrics that a query names; a histogram by any of its three series. */
  const namesIn = (text: string): string[] => [...text.matchAll(/\b((?:sundial|nodejs|process)_[a-z0-9_]+)/g)].map((m) => m[1]!);
  const known = async (): Promise<Set<string>> => new Set((await app.deps.metrics.registry.getMetricsAsJSON()).flatMap((m) =>
    (String(m.type) === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => m.name + end) : [m.name])));

  it.each([DASHBOARD, ALERTS])('%s names only figures that exist', async (file) => {
    const names = namesIn(readFileSync(join(root, file), 'utf8'));
    expect(names.length).toBeGreaterThan(5);
    const exist = await known();
    expect(names.filter((name) => !exist.has(name))).toEqual([]);
  });

  it('has every figure of our own in the dashboard', async () => {
    const shown = new Set(namesIn(readFileSync(join(root, DASHBOARD), 'utf8')).map((name) => name.replace(/_(bucket|sum|count)$/, '')));
    const own = (await app.deps.metrics.registry.getMetricsAsJSON()).map((m) => m.name).filter((name) => name.startsWith('sundial_'));
    expect(own.filter((name) => !shown.has(name))).toEqual([]);
  });

  it('is whole: panels with ids and queries, alerts with what to do', () => {
    const { panels } = JSON.parse(readFileSync(join(root, DASHBOARD), 'utf8')) as { panels: { id: number; type: string; targets?: { expr: string }[] }[] };
    expect(new Set(panels.map((p) => p.id)).size).toBe(panels.length);
    for (const panel of panels) if (panel.type !== 'row') expect(panel.targets!.length).toBeGreaterThan(0);
    const { groups } = parse(readFileSync(join(root, ALERTS), 'utf8')) as { groups: { rules: { alert: string; expr: string; annotations: { summary: string; todo: string } }[] }[] };
    for (const rule of groups.flatMap((g) => g.rules)) expect(rule).toMatchObject({ alert: expect.stringMatching(/^Sundial/), expr: expect.any(String), annotations: { summary: expect.any(String), todo: expect.any(String) } });
  });
});
