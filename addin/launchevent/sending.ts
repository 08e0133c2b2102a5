import { parseDraft, PROPERTY, RECIPIENT_LIMIT, SUBJECT_LIMIT } from '../features/message/tracked-draft.ts';
import { ask, askOr, composedItem } from './outlook.ts';
import { callServer } from './server.ts';

/**
 * Tells the server that a tracked message is on its way, with its subject and its people, so that it
 * appears under Activity and a recipient's opt-out holds for it. What makes it tracked was put on it
 * before: anything that is appended now would be left out, silently.
 */
export function reportSending(): Promise<unknown> {
  const item = composedItem();
  return ask<Office.CustomProperties>((done) => item.loadCustomPropertiesAsync(done as never)).then((held) => {
    const draft = parseDraft(held.get(PROPERTY));
    if (!draft || !draft.report) return undefined;
    const people = [item.to, item.cc, item.bcc].filter(Boolean).map((field) => askOr<{ emailAddress: string }[]>((done) => field.getAsync(done as never), []));
    const subject = askOr<string>((done) => item.subject.getAsync(done as never), '');
    return Promise.all([Promise.all(people), subject]).then(([fields, line]) => {
      const recipients = ([] as { emailAddress: string }[]).concat(...fields).map((person) => person.emailAddress).slice(0, RECIPIENT_LIMIT);
      return callServer('POST', '/v1/email/tracking/sent', { reportToken: draft.report, subject: line.slice(0, SUBJECT_LIMIT), recipients });
    });
  });
}
