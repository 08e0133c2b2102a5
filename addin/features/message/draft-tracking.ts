import type { Api } from '../../api.ts';
import type { ComposeItem } from '../../office/compose.ts';
import { OfficeError } from '../../office/errors.ts';
import { tellTemplates } from './draft-templates.ts';
import { HEADER, INFO_BAR, infoText, parseDraft, PROPERTY, propertyOf, SESSION_DRAFT, SESSION_OFF, type TrackedDraft, type TrackingOptions } from './tracked-draft.ts';

export async function readDraft(item: ComposeItem): Promise<TrackedDraft | null> {
  return parseDraft(await item.property(PROPERTY));
}

/** Arms a reopened draft again: the property outlives the window, what Outlook would append may not. */
export async function rearm(item: ComposeItem, draft: TrackedDraft): Promise<void> {
  if (draft.append && item.canTrackOpens && (await item.bodyType()) === 'html') await item.appendOnSend(draft.append);
  await item.setHeader(HEADER, draft.code);
  await item.infoBar(INFO_BAR, infoText(draft));
}

/**
 * Turns tracking on, or changes what is tracked. Everything that makes it true is set before this
 * resolves, so that the message may be sent at any moment after; on a failure all of it is taken back
 * and the mail is as it was.
 */
export async function track(item: ComposeItem, api: Api, options: TrackingOptions, before: TrackedDraft | null): Promise<{ draft: TrackedDraft; links: TrackedLinks | null }> {
  const html = (await item.bodyType()) === 'html';
  const opens = options.opens && html && item.canTrackOpens;
  const withLinks = options.links && html;
  const draftId = before?.draftId ?? await sharedDraftId(item);
  const body = withLinks ? await item.html() : '';
  try {
    const made = await api.call('POST /v1/email/draftTracking/create', {
      query: { draftId, ignoreNotFound: true },
      body: { ...(withLinks ? { htmlText: body } : {}), tracking: { opens, threadReplies: options.replies, links: withLinks } },
    });
    if (!made.trackingCode) throw new OfficeError('office.failed', 'The server gave no tracking code.');
    const draft: TrackedDraft = { ...options, draftId, code: made.trackingCode, append: made.pixelHtml ?? '', report: made.reportToken ?? '' };
    if (item.canTrackOpens && html) await item.appendOnSend(draft.append || null);
    await item.setHeader(HEADER, draft.code);
    const links = withLinks ? trackedLinks(made.linkCodes ?? []) : null;
    if (links?.count && made.htmlBody) await item.setHtml(withoutPixel(made.htmlBody, draft.append, draft.code));
    await item.setProperty(PROPERTY, propertyOf(draft));
    await item.infoBar(INFO_BAR, infoText(draft));
    await tellTemplates(item, api, draft.code);
    return { draft, links };
  } catch (error) {
    if (!before) await untrack(item).catch(() => {});
    throw error;
  }
}

/** Outlook's own event prepares a new message too: under one id, so that both get one code and write the same. */
async function sharedDraftId(item: ComposeItem): Promise<string> {
  const shared = await item.session(SESSION_DRAFT);
  if (shared && shared !== SESSION_OFF) return shared;
  const own = `pane-${crypto.randomUUID()}`;
  await item.setSession(SESSION_DRAFT, own);
  return own;
}

/** Clears all that `track` set on the message. */
export async function untrack(item: ComposeItem): Promise<void> {
  const steps = [
    () => item.setSession(SESSION_DRAFT, SESSION_OFF),
    async () => { if (item.canTrackOpens) await item.appendOnSend(null); },
    () => item.setHeader(HEADER, null),
    () => item.setProperty(PROPERTY, null),
    () => item.infoBar(INFO_BAR, null),
  ];
  // One that fails must not keep the others from being taken back.
  const results = await Promise.allSettled(steps.map((step) => step()));
  const failed = results.find((r) => r.status === 'rejected');
  if (failed) throw failed.reason;
}

/** The links that were rewritten: what stands in the body now, and what stood there before. */
export interface TrackedLinks {
  readonly count: number;
  readonly originals: ReadonlyMap<string, string>;
}

/** `linkCodes` of the answer, as {code, url, trackedUrl, label} each. */
export function trackedLinks(linkCodes: readonly Record<string, unknown>[]): TrackedLinks {
  const originals = new Map(linkCodes.flatMap(({ url, trackedUrl }) => (typeof url === 'string' && typeof trackedUrl === 'string' ? [[trackedUrl, url] as const] : [])));
  return { count: originals.size, originals };
}

/**
 * The links that an earlier pane rewrote in this draft, as far as they still stand in its body. Asks the
 * server, which alone has kept where they went; preparing the draft as it is prepared changes nothing.
 */
export async function keptLinks(item: ComposeItem, api: Api, draft: TrackedDraft): Promise<TrackedLinks> {
  const html = await item.html();
  const { linkCodes = [] } = await api.call('POST /v1/email/draftTracking/create', {
    query: { draftId: draft.draftId, ignoreNotFound: true },
    body: { tracking: { opens: draft.opens, threadReplies: draft.replies, links: draft.links } },
  });
  const standing = new Set(hrefs(html));
  return trackedLinks(linkCodes.filter(({ trackedUrl }) => typeof trackedUrl === 'string' && standing.has(trackedUrl)));
}

/**
 * The rewritten body without what Outlook appends at Send: in the body the pixel would be loaded while
 * the person is still writing, and would be there twice afterwards.
 */
export function withoutPixel(html: string, append: string, code: string): string {
  const body = append ? html.replace(append, () => '') : html;
  const page = new DOMParser().parseFromString(body, 'text/html');
  const pixel = [...page.querySelectorAll('img')].find((image) => image.getAttribute('src')?.includes(code));
  if (!pixel) return body;
  pixel.remove();
  return page.documentElement.outerHTML;
}

const hrefs = (html: string): string[] =>
  [...new DOMParser().parseFromString(html, 'text/html').querySelectorAll('a[href], area[href]')].map((a) => a.getAttribute('href') ?? '');

/** Links that a click could be seen on and that are not ours yet. */
export function untrackedLinks(html: string, ownOrigins: readonly string[]): number {
  return hrefs(html).filter((href) => /^https?:\/\//i.test(href) && !ownOrigins.some((origin) => href.startsWith(`${origin}/`))).length;
}

const attribute = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');

export function restoreLinks(html: string, links: TrackedLinks): string {
  let restored = html;
  for (const [tracked, original] of links.originals) restored = restored.replaceAll(attribute(tracked), attribute(original)).replaceAll(`"${tracked}"`, `"${attribute(original)}"`);
  return restored;
}
