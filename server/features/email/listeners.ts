import { listener } from '../../events/events.ts';

/** After a jump of the product's clock, deliveries that waited for their next attempt are due. */
export const movedClock = listener({
  name: 'email.clock',
  hears: ['ClockMoved'],
  async hear(deps) {
    for (const provider of deps.providers.all) await provider.tasks.sweep({ accountId: null, ref: '' });
  },
});
