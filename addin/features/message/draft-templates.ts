import type { Api } from '../../api.ts';
import type { ComposeItem } from '../../office/compose.ts';
import { fetchRules } from '../followup/rules.ts';
import { templateStandsIn, templatesRepliedWith } from './replied-templates.ts';

/** Ids of the templates that stand in the draft; a custom property, because tracking may be turned on only later. */
const PROPERTY = 'sundialTemplates';
/** As many as the server takes for one message. */
const MOST = 20;

async function templatesOf(item: ComposeItem): Promise<number[]> {
  try {
    const stored: unknown = JSON.parse(await item.property(PROPERTY) ?? '[]');
    return Array.isArray(stored) ? stored.filter((id): id is number => Number.isSafeInteger(id)) : [];
  } catch {
    return [];
  }
}

/**
 * Notes that a template was put into the draft. It counts as used when the message has been sent and is
 * tracked: without a tracking code nobody can tell the sent message again. Never rejects: the text is in
 * the message, and a count is not worth an error beside it.
 */
export async function noteTemplate(item: ComposeItem, api: Api, ruleId: number, code: string | undefined): Promise<void> {
  if (item.type !== 'message') return;
  try {
    const ids = [...new Set([...await templatesOf(item), ruleId])].slice(-MOST);
    await item.setProperty(PROPERTY, JSON.stringify(ids));
    if (code) await tell(api, code, ids);
  } catch {
    // The next time tracking is changed it is told again.
  }
}

/** Tells the server which templates the draft with this code holds. Never rejects either. */
export async function tellTemplates(item: ComposeItem, api: Api, code: string): Promise<void> {
  try {
    const held = await templatesOf(item);
    const ids = [...new Set([...held, ...await openedWith(item, api)])].slice(-MOST);
    if (ids.length > held.length) await item.setProperty(PROPERTY, JSON.stringify(ids));
    if (ids.length) await tell(api, code, ids);
  } catch {
    // As above.
  }
}

/** "Reply with template" opens a draft that nothing can be written on beforehand: it is known again by its conversation and by its text. */
async function openedWith(item: ComposeItem, api: Api): Promise<number[]> {
  const noted = templatesRepliedWith(item.conversationId);
  if (!noted.length) return [];
  const [rules, html] = await Promise.all([fetchRules(api), item.html()]);
  return rules.filter((rule) => noted.includes(rule.id) && templateStandsIn(rule.templateBody ?? '', html)).map((rule) => rule.id);
}

const tell = (api: Api, trackingCode: string, ruleIds: number[]): Promise<unknown> =>
  api.call('PUT /v1/followup/drafts/{trackingCode}/templates', { params: { trackingCode }, body: { ruleIds } });
