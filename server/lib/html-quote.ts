import { parseDocument } from 'htmlparser2';

/** What these functions need of htmlparser2's tree, whose own types live in a package of its own. */
interface TreeNode {
  readonly type: string;
  readonly name?: string;
  /** Of a text node. */
  readonly data?: string;
  readonly attribs?: Readonly<Record<string, string>>;
  readonly children?: readonly TreeNode[];
  readonly startIndex: number | null;
  readonly endIndex: number | null;
}

type Range = readonly [start: number, end: number];

/** Elements that hold what is quoted, by the programs that write them. */
const QUOTES = new Set(['gmail_quote', 'gmail_quote_container', 'yahoo_quoted', 'moz-cite-prefix', 'protonmail_quote', 'sundial_quote', 'zmail_extra', 'front-blockquote']);
/** Elements behind which all is quoted (Outlook does not wrap it). */
const LAST_OWN = new Set(['divrplyfwdmsg', 'appendonsend', 'mail-editor-reference-message-container', 'isforwardcontent', 'isreplycontent']);

/**
 * The HTML without images whose address begins with `prefix`; all else stays letter for letter. A quoted
 * pixel of ours would count the opens of an answer as opens of the first message.
 */
export function removeImages(html: string, prefix: string): string {
  const ranges: Range[] = [];
  visit(html, (node) => {
    if (node.name === 'img' && node.attribs?.src?.trim().startsWith(prefix)) ranges.push(rangeOf(node));
    return true;
  });
  return without(html, ranges);
}

/** The HTML without what it quotes; left as it is where nothing else would remain. */
export function stripQuotedHtml(html: string): string {
  const ranges: Range[] = [];
  let own = false;
  visit(html, (node, rest) => {
    if (node.name === 'img' || (node.type === 'text' && node.data?.trim())) own = true;
    if (isQuote(node)) {
      ranges.push(rangeOf(node));
      return false;
    }
    if (isBoundary(node)) {
      ranges.push(...[node, ...rest()].map(rangeOf));
      return false;
    }
    return true;
  });
  return own ? without(html, ranges) : html;
}

/** Plain text without the quoted part at its end. */
export function stripQuotedText(text: string): string {
  const lines = text.split(/\r?\n/);
  const cut = lines.findIndex((line, i) => {
    const two = `${line} ${lines[i + 1] ?? ''}`;
    const quotedNext = lines.slice(i + 1, i + 5).some((l) => l.startsWith('>'));
    return (quotedNext && /^(on|am|le|el|il|op)\s.{4,200}(wrote|schrieb|écrit|escribió|scritto|schreef)[^:]{0,40}:/i.test(two))
      || /^-{2,}\s*(original message|ursprüngliche nachricht|message d'origine|forwarded message)\s*-{2,}$/i.test(line.trim());
  });
  const own = cut > 0 ? lines.slice(0, cut) : [...lines];
  while (own.length && /^(>.*|\s*)$/.test(own.at(-1)!)) own.pop();
  return own.length ? own.join('\n') : text;
}

function isQuote({ name, attribs }: TreeNode): boolean {
  if (!attribs) return false;
  if (name === 'blockquote' && attribs.type?.toLowerCase() === 'cite') return true;
  return (attribs.class ?? '').split(/\s+/).some((c) => QUOTES.has(c.toLowerCase()));
}

function isBoundary({ name, attribs }: TreeNode): boolean {
  if (!attribs) return false;
  if (LAST_OWN.has((attribs.id ?? '').toLowerCase().replace(/^x_/, ''))) return true;
  // Outlook for Windows draws a line above the header of the message it quotes, and marks it in no other way.
  return name === 'div' && /border:\s*none;\s*border-top:\s*solid\s+#(e1e1e1|b5c4df)/i.test(attribs.style ?? '');
}

/** Depth first and without recursion, since hostile HTML nests deeper than a stack. `rest`: what follows the node, up through its ancestors. */
function visit(html: string, look: (node: TreeNode, rest: () => TreeNode[]) => boolean): void {
  const root = parseDocument(html, { withStartIndices: true, withEndIndices: true }) as unknown as TreeNode;
  const levels: { nodes: readonly TreeNode[]; at: number }[] = [{ nodes: root.children ?? [], at: 0 }];
  while (levels.length) {
    const level = levels.at(-1)!;
    const node = level.nodes[level.at++];
    if (!node) {
      levels.pop();
      continue;
    }
    let ended = false;
    const deeper = look(node, () => {
      ended = true;
      return levels.flatMap((l) => l.nodes.slice(l.at));
    });
    if (ended) return;
    if (deeper && node.children?.length) levels.push({ nodes: node.children, at: 0 });
  }
}

const rangeOf = (node: TreeNode): Range => [node.startIndex ?? 0, (node.endIndex ?? -1) + 1];

function without(html: string, ranges: readonly Range[]): string {
  let out = '';
  let at = 0;
  for (const [start, end] of [...ranges].sort((a, b) => a[0] - b[0])) {
    if (start < at) continue;
    out += html.slice(at, start);
    at = Math.max(end, start);
  }
  return out + html.slice(at);
}
