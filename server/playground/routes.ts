import type { Deps } from '../deps.ts';
import { firstApp } from '../features/accounts/queries.ts';
import { getMessage } from '../features/email/service.ts';
import { viewerCookie } from '../features/tracking/viewer.ts';
import type { Handlers } from '../http/operation.ts';
import { events } from '../http/reply.ts';
import { clockState, moveClock } from './clock.ts';
import { playgroundContract } from './contract.ts';
import { guarded } from './guard.ts';
import { loadImages } from './images.ts';
import { mailboxes } from './mailboxes.ts';
import { progressOf } from './progress.ts';
import { resetPlayground } from './reset.ts';
import { sendAsOutlook } from './send.ts';
import { playgroundOf } from './state.ts';
import { addressesOf, viewOf } from './view.ts';

export function playgroundRoutes(deps: Deps): Handlers<typeof playgroundContract> {
  const state = playgroundOf(deps);
  const tellPerson = (): void => state.publish({ event: 'person', data: { reading: state.reading, outOfOffice: state.outOfOffice } });

  return guarded(deps, playgroundContract, {
    session: async () => {
      const both = await mailboxes(deps);
      const shown = (who: 'you' | 'buyer') => {
        const { account, token } = both[who];
        return { accountId: account.id, email: account.email, name: account.name, timezone: account.timezone, token };
      };
      return {
        clientId: (await firstApp(deps.db))?.client_id ?? '',
        mailboxes: { you: shown('you'), buyer: shown('buyer') },
        clock: clockState(deps),
        reading: state.reading,
        outOfOffice: state.outOfOffice,
        progress: await progressOf(deps),
      };
    },

    openMessage: async ({ params, body }) => {
      const { account } = (await mailboxes(deps))[params.who];
      const message = await getMessage(deps, account.id, params.messageId);
      const html = message.body ?? '';
      const { images } = addressesOf(html);
      const client = params.who === 'buyer' ? state.reading : 'outlook';
      // The pane marks the browser it runs in, over https; this is that browser, on loopback.
      const mark = params.who === 'you' ? viewerCookie(deps.keys, account.id).split(';', 1)[0] : undefined;
      const loaded = client === 'gmail' || body.loadImages ? await loadImages(deps, client === 'apple' ? 'outlook' : client, images, mark)
        : client === 'apple' ? new Map(images.flatMap((url) => state.preloaded.has(url) ? [[url, state.preloaded.get(url)!] as const] : []))
        : new Map<string, string>();
      return { html: viewOf(html, loaded), blockedImages: images.filter((url) => !loaded.has(url)).length };
    },

    sendMessage: async ({ params, body }) => ({ messageId: (await sendAsOutlook(deps, params.who, body)).id }),

    readingIn: async ({ body }) => {
      state.reading = body.client;
      tellPerson();
      return { status: 'Ok' };
    },

    outOfOffice: async ({ body }) => {
      state.outOfOffice = body;
      state.answered.clear();
      tellPerson();
      return { status: 'Ok' };
    },

    getClock: async () => clockState(deps),
    moveClock: async ({ body }) => moveClock(deps, body),
    progress: async () => progressOf(deps),

    reset: async () => {
      await resetPlayground(deps);
      return { status: 'Ok' };
    },

    live: async ({ request }) => events(state.stream(request.signal)),
  });
}
