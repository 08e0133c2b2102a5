import { invalid } from '../../errors.ts';
import type { SendStep } from '../email/steps.ts';
import { start } from './sequence.service.ts';
import { senderOf } from './service.ts';
import { messageIdsIn } from './thread.ts';

/** `followUp` on send: the sequence starts in the transaction that stores the message, or not at all. */
export const followUpStep: SendStep = {
  name: 'followUp',
  async apply({ trx, deps, accountId, request, threadId, internetMessageId, trackingId }) {
    if (!request.followUp) return;
    const { ruleId, actionVars } = request.followUp;
    if (ruleId === undefined) throw invalid('followUp.ruleId', 'is needed.');
    const { own } = await senderOf(trx, accountId);
    const addressed = request.to?.length ? request.to : request.cc ?? [];
    const targets = [...new Set(addressed.map((a) => a.address.toLowerCase()))].filter((address) => !own.has(address));
    if (!targets.length) throw invalid('followUp', 'the message goes to nobody but its sender and blind copies; there is nobody to follow up with.');
    await start(trx, deps, {
      accountId, ruleId, targets,
      convoId: threadId,
      actionVars: actionVars ?? {},
      targetNames: Object.fromEntries([...request.to ?? [], ...request.cc ?? []].flatMap((a) => (a.name ? [[a.address.toLowerCase(), a.name]] : []))),
      subject: request.subject ?? '',
      from: deps.clock.now(),
      replyTo: internetMessageId,
      references: [...messageIdsIn(request.references ?? request.inReplyTo ?? ''), internetMessageId],
      messageIds: [internetMessageId],
      trackingId: trackingId === undefined ? undefined : Number(trackingId),
    });
  },
};
