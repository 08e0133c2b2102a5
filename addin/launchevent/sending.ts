import { parseDraft, PROPERTY } from '../features/message/tracked-draft.ts';
import { ask, askOr, composedItem } from './outlook.ts';
import { callServer } from './server.ts';

/** The server takes no more; beyond them nobody could tell the people apart anyhow. */
const MOST_RECIPIENTS = 1000;
const LONGEST_SUBJECT = 1000;

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
      const recipients = ([] as { emailAddress: string }[]).concat(...fields).map((person) => person.emailAddress).slice(0, MOST_RECIPIENTS);
      return callServer('POST', '/v1/email/tracking/sent', { reportToken: draft.report, subject: line.slice(0, LONGEST_SUBJECT), recipients });
    });
  });
}
