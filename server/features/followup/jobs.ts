import { z } from 'zod';
import { transaction } from '../../db/db.ts';
import { listener, type Listener } from '../../events/events.ts';
import { defineJob } from '../../jobs/jobs.ts';
import { startPrepared } from './conversations.service.ts';
import { awaitsMail, hearArrival, hearBooking, hearDoubt, hearFailure, hearOptOut, hearWritten, WRITTEN } from './stops.service.ts';
import { sweep } from './worker.service.ts';

/** About every half minute: cron knows whole minutes only, so each minute's sweep asks for another one 30 s later. */
export const sweepJob = defineJob({
  name: 'followup.sweep',
  payload: z.object({ cause: z.enum(['minute', 'half', 'mail']).default('minute') }),
  cron: '* * * * *',
  atStart: { cause: 'mail' },
  retryLimit: 1,
  async handler(deps, { cause }) {
    await sweep(deps);
    if (cause !== 'minute') return;
    const startAfter = new Date(deps.clock.real().getTime() + 30_000);
    await transaction(deps.db, (trx) => deps.jobs.enqueue(trx, sweepJob, { cause: 'half' as const }, { startAfter, singletonKey: 'half' }));
  },
});

export const followupListeners: readonly Listener[] = [
  listener({
    name: 'followup.mail',
    hears: ['MessageArrived', 'DeliveryFailed'],
    async hear(deps, event) {
      if (event.type === 'MessageArrived') await hearArrival(deps, event);
      else await hearFailure(deps, event);
      // A claim that waited for this mail to be heard need not wait for the next sweep as well.
      if (await awaitsMail(deps, event.accountId)) await transaction(deps.db, (trx) => deps.jobs.enqueue(trx, sweepJob, { cause: 'mail' as const }));
    },
  }),
  listener({ name: 'followup.sent', hears: ['TrackedMailSent'], hear: startPrepared }),
  listener({ name: 'followup.inDoubt', hears: ['DeliveryInDoubt'], hear: hearDoubt }),
  listener({ name: WRITTEN, hears: ['MailSent'], hear: hearWritten }),
  listener({ name: 'followup.optOut', hears: ['RecipientOptedOut'], hear: hearOptOut }),
  listener({ name: 'followup.booked', hears: ['MeetingBooked'], hear: hearBooking }),
  listener({
    name: 'followup.clock',
    hears: ['ClockMoved'],
    async hear(deps) {
      await sweep(deps);
    },
  }),
];
