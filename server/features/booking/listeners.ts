import { listener } from '../../events/events.ts';
import { readInvitationReply } from './replies.service.ts';

/** An attendee accepts or declines in his own calendar program, which answers by mail. */
export const answeredInvitations = listener({
  name: 'booking.answeredInvitations',
  hears: ['MessageArrived'],
  concerns: ({ calendar, folder, from }) => calendar && folder === 'inbox' && from !== null,
  hear: (deps, message) => readInvitationReply(deps, message),
});
