import { FIRST_CHOICE, HEADER, INFO_BAR, infoText, LAST_CHOICE, parseChoice, PROPERTY, propertyOf, SESSION_DRAFT, SESSION_OFF, type TrackedDraft, type TrackingOptions } from '../features/message/tracked-draft.ts';
import { ask, askOr, composedItem, supports } from './outlook.ts';
import { callServer } from './server.ts';

interface Policy {
  readonly policy: string;
  readonly trackNewMessages?: boolean;
}

interface Prepared {
  readonly trackingCode?: string;
  readonly pixelHtml?: string;
  readonly reportToken?: string;
  readonly trackOpens?: boolean;
  readonly trackReplies?: boolean;
}

/**
 * A new message starts as the last one was left, or, for who never chose, as the organisation says. A
 * reply or a forward starts untracked. Links are left alone: they would change what stands in the body.
 * On any failure the message is as it was.
 */
export function trackNewMessage(): Promise<unknown> {
  const item = composedItem();
  const choice = lastChoice();
  if (!supports('1.10')) return Promise.resolve();
  if (choice && !choice.on) return Promise.resolve();
  return isNewAndUntracked(item).then((fresh) => {
    if (!fresh) return undefined;
    return identityToken().then((token) => {
      if (choice) return track(item, choice.options, token);
      return callServer<Policy>('GET', '/v1/email/tracking/policy', undefined, token).then((organisation) => {
        if (organisation.policy === 'off' || organisation.trackNewMessages !== true) return undefined;
        return track(item, FIRST_CHOICE, token);
      });
    });
  });
}

function lastChoice(): ReturnType<typeof parseChoice> {
  try {
    return parseChoice(Office.context.roamingSettings.get(LAST_CHOICE));
  } catch (error) {
    void error;
    return null;
  }
}

function isNewAndUntracked(item: Office.MessageCompose): Promise<boolean> {
  return ask<{ composeType: unknown }>((done) => item.getComposeTypeAsync(done as never)).then((type) => {
    if (String(type.composeType) !== 'newMail') return false;
    return properties(item).then((held) => !held.get(PROPERTY));
  });
}

const identityToken = (): Promise<string> => ask<string>((done) => Office.context.mailbox.getUserIdentityTokenAsync(done as never));
const properties = (item: Office.MessageCompose): Promise<Office.CustomProperties> => ask((done) => item.loadCustomPropertiesAsync(done as never));

function track(item: Office.MessageCompose, options: TrackingOptions, token: string): Promise<unknown> {
  const bodyType = askOr<unknown>((done) => item.body.getTypeAsync(done as never), 'text');
  return Promise.all([bodyType, draftIdOf(item)]).then(([type, draftId]) => {
    const tracking = { opens: options.opens && String(type) === 'html', threadReplies: options.replies, links: false };
    if (!draftId || (!tracking.opens && !tracking.threadReplies)) return undefined;
    return callServer<Prepared>('POST', `/v1/email/draftTracking/create?draftId=${encodeURIComponent(draftId)}&ignoreNotFound=true`, { tracking }, token).then((made) => {
      const { trackingCode: code, pixelHtml = '', reportToken = '' } = made;
      if (!code) return undefined;
      const draft: TrackedDraft = { opens: made.trackOpens === true, replies: made.trackReplies === true, links: false, draftId, code, append: pixelHtml, report: reportToken };
      return sessionDraft(item).then((now) => {
        if (now === SESSION_OFF) return undefined;
        return arm(item, draft).catch((failure: unknown) => disarm(item).then(() => {
          throw failure;
        }));
      });
    });
  });
}

/** The pane, open beside the same message, prepares it under the same id and gets the same code. Empty where the pane was told no. */
function draftIdOf(item: Office.MessageCompose): Promise<string> {
  const own = `event-${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
  return sessionDraft(item).then((shared) => {
    if (shared === SESSION_OFF) return '';
    if (shared) return shared;
    if (!supports('1.11')) return own;
    return askOr<unknown>((done) => item.sessionData.setAsync(SESSION_DRAFT, own, done as never), null).then(() => own);
  });
}

function sessionDraft(item: Office.MessageCompose): Promise<string> {
  if (!supports('1.11')) return Promise.resolve('');
  return askOr<string>((done) => item.sessionData.getAsync(SESSION_DRAFT, done as never), '');
}

const append = (item: Office.MessageCompose, html: string | null): Promise<unknown> =>
  ask((done) => item.body.appendOnSendAsync(html as string, { coercionType: 'html' as Office.CoercionType }, done as never));

/** In this order: what the person reads comes last, when it is true. */
function arm(item: Office.MessageCompose, draft: TrackedDraft): Promise<unknown> {
  let appended: Promise<unknown> = Promise.resolve();
  if (draft.append) appended = append(item, draft.append);
  return appended
    .then(() => ask((done) => item.internetHeaders.setAsync({ [HEADER]: draft.code }, done as never)))
    .then(() => properties(item))
    .then((held) => {
      held.set(PROPERTY, propertyOf(draft));
      return ask((done) => held.saveAsync(done as never));
    })
    .then(() => askOr<unknown>((done) => item.notificationMessages.replaceAsync(INFO_BAR, {
      type: 'informationalMessage' as never, message: infoText(draft), icon: 'Icon.16x16', persistent: true,
    }, done as never), null));
}

/** Each by itself: one that fails must not keep the others from being taken back. */
function disarm(item: Office.MessageCompose): Promise<unknown> {
  return Promise.all([
    append(item, null).catch(() => null),
    askOr<unknown>((done) => item.internetHeaders.removeAsync([HEADER], done as never), null),
    properties(item).then((held) => {
      held.remove(PROPERTY);
      return ask((done) => held.saveAsync(done as never));
    }).catch(() => null),
  ]);
}
