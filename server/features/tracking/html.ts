import { parse, type DefaultTreeAdapterTypes } from 'parse5';

type Node = DefaultTreeAdapterTypes.Node;
type Element = DefaultTreeAdapterTypes.Element;

/** A link of the message that may be tracked: where it points, and what its reader sees of it. */
export interface Link {
  readonly url: string;
  readonly label: string;
}

export interface RewritePlan {
  /** Called for each link that may be tracked, in order; answers the address to put there instead. */
  readonly link?: (link: Link) => string | undefined;
  /** HTML for the end of the body. */
  readonly append?: string;
  /** True for an image that is to go: an old pixel of ours in a quote. */
  readonly dropImage?: (src: string) => boolean;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Longer labels say no more in a timeline. */
const LABEL_LENGTH = 80;

/**
 * Changes a message's HTML at the places of the plan and nowhere else: the parser finds the places, the
 * text in between stays as it was, letter for letter. Serialising the tree instead would reorder what
 * mail programs write (conditional comments, unclosed tables) and break messages.
 */
export function rewriteHtml(html: string, plan: RewritePlan): string {
  const found = scan(html);
  const edits: Edit[] = [];
  for (const element of found.anchors) {
    const at = element.sourceCodeLocation?.attrs?.href;
    const link = linkOf(element);
    const address = at && link && plan.link?.(link);
    if (address) edits.push({ start: at.startOffset, end: at.endOffset, text: `href="${escapeAttribute(address)}"` });
  }
  for (const element of found.images) {
    const at = element.sourceCodeLocation;
    if (at && plan.dropImage?.(attribute(element, 'src') ?? '')) edits.push({ start: at.startOffset, end: at.endOffset, text: '' });
  }
  const edited = apply(html, edits);
  return plan.append ? append(edited, plan.append) : edited;
}

/** The addresses of images and links, as a program that shows the message would resolve them. */
export function addressesIn(html: string): { images: string[]; links: string[] } {
  const found = scan(html);
  return {
    images: found.images.map((e) => attribute(e, 'src')?.trim() ?? '').filter(Boolean),
    links: found.anchors.map((element) => attribute(element, 'href')?.trim() ?? '').filter(Boolean),
  };
}

/** The language that the message says it is written in, without its region; undefined where it says none. */
export function languageIn(html: string): string | undefined {
  const root = parse(html).childNodes.find((node) => node.nodeName === 'html') as Element | undefined;
  return root && attribute(root, 'lang')?.split('-')[0]?.toLowerCase();
}

export const escapeHtml = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;').replace(/'/g, '&#39;');
const escapeAttribute = escapeHtml;

/** Only absolute http and https addresses; mailto, tel, anchors and scripts are not for a redirect. */
function linkOf(element: Element): Link | undefined {
  const href = attribute(element, 'href')?.trim() ?? '';
  if (!/^https?:\/\//i.test(href) || !URL.canParse(href)) return undefined;
  return { url: new URL(href).href, label: textOf(element) };
}

function scan(html: string): { anchors: Element[]; images: Element[]; body: Element | undefined } {
  const anchors: Element[] = [];
  const images: Element[] = [];
  const seen = new Set<number>();
  let body: Element | undefined;
  // The parser repeats an unclosed link in what follows; in the text it stands once.
  const isNew = (element: Element): boolean => {
    const start = element.sourceCodeLocation?.startOffset;
    if (start === undefined || seen.has(start)) return false;
    seen.add(start);
    return true;
  };
  // A list instead of recursion: a message may nest deeper than the stack.
  const open: Node[] = [parse(html, { sourceCodeLocationInfo: true })];
  for (let node = open.pop(); node; node = open.pop()) {
    if ('tagName' in node) {
      if (node.tagName === 'body') body ??= node;
      else if (node.tagName === 'img' && isNew(node)) images.push(node);
      else if ((node.tagName === 'a' || node.tagName === 'area') && isNew(node)) anchors.push(node);
    }
    if ('childNodes' in node) for (let i = node.childNodes.length - 1; i >= 0; i--) open.push(node.childNodes[i]!);
  }
  return { anchors, images, body };
}

function append(html: string, addition: string): string {
  const { body } = scan(html);
  const closes = body?.sourceCodeLocation?.endTag?.startOffset;
  const atEnd = closes ?? html.length;
  const appended = html.slice(0, atEnd) + addition + html.slice(atEnd);
  // An unclosed comment, style or textarea would swallow the addition: it goes to the start then.
  if (scan(appended).images.length + scan(appended).anchors.length > scan(html).images.length + scan(html).anchors.length) return appended;
  const opens = body?.sourceCodeLocation?.startTag?.endOffset ?? 0;
  return html.slice(0, opens) + addition + html.slice(opens);
}

function apply(html: string, edits: readonly Edit[]): string {
  const ordered = [...edits].sort((a, b) => a.start - b.start);
  let at = 0;
  const parts: string[] = [];
  for (const edit of ordered) {
    parts.push(html.slice(at, edit.start), edit.text);
    at = edit.end;
  }
  return parts.join('') + html.slice(at);
}

const attribute = (element: Element, name: string): string | undefined => element.attrs.find((a) => a.name === name)?.value;

function textOf(element: Element): string {
  const parts: string[] = [];
  const open: Node[] = [...element.childNodes].reverse();
  for (let node = open.pop(); node; node = open.pop()) {
    if (node.nodeName === '#text') parts.push((node as DefaultTreeAdapterTypes.TextNode).value);
    else if (node.nodeName === 'img') parts.push(attribute(node as Element, 'alt') ?? '');
    if ('childNodes' in node) for (let i = node.childNodes.length - 1; i >= 0; i--) open.push(node.childNodes[i]!);
  }
  return parts.join('').replace(/\s+/g, ' ').trim().slice(0, LABEL_LENGTH);
}
