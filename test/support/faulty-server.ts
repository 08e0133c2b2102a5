import { pino } from 'pino';
import { parseConfig } from '../../server/config.ts';
import { transaction } from '../../server/db/db.ts';
import { installFailpoints, type Failpoint } from '../../server/lib/failpoint.ts';
import { startSundial } from '../../server/sundial.ts';
import type { Order, Report } from './faulty.ts';

/**
 * The server as main.ts starts it, with its failpoints in the hands of the test that forked it. Only
 * this file and tests install them.
 */
const armed = new Map<Failpoint, { action: 'kill' | 'throw' | 'wait'; left: number; code: string | undefined }>();
const waiting = new Map<Failpoint, (() => void)[]>();
const [point, action] = process.env.ARMED?.split(' ') ?? [];
if (point && action) armed.set(point as Failpoint, { action: action as 'kill', left: 1, code: undefined });
const tell = (report: Report): void => void process.send?.(report);

installFailpoints((point) => {
  const order = armed.get(point);
  if (!order || --order.left > 0) return;
  if (order.action === 'kill') process.kill(process.pid, 'SIGKILL');
  tell({ reached: point });
  if (order.action === 'throw') throw Object.assign(new Error(`broken at ${point}`), order.code === undefined ? {} : { code: order.code });
  return new Promise<void>((resolve) => waiting.set(point, [...waiting.get(point) ?? [], resolve]));
});

process.on('message', async (order: Order) => {
  if (order.do === 'arm') {
    armed.set(order.point, { action: order.action, left: order.nth, code: order.code });
  } else if (order.do === 'disarm') {
    armed.delete(order.point);
    for (const go of waiting.get(order.point) ?? []) go();
    waiting.delete(order.point);
  } else {
    await advance(order.by);
  }
  tell({ done: order.id });
});
process.on('disconnect', () => process.exit(0));

const sundial = await startSundial(parseConfig(process.env), pino({ level: process.env.LOG_LEVEL ?? 'fatal' }));
tell({ ready: { port: sundial.port, smtpPort: sundial.smtpPort } });
process.on('SIGTERM', () => void sundial.stop().then(() => process.exit(0)));

/** As the playground's button does it: the clock moves, and everybody who waits for a time hears so. */
async function advance(by: number): Promise<void> {
  sundial.clock.advance(by);
  const now = sundial.clock.now().toISOString();
  await transaction(sundial.deps.db, (trx) => sundial.deps.events.emit(trx, { type: 'ClockMoved', accountId: null, now }));
}
