const ALLOWED = new Set(['P', 'BR', 'B', 'STRONG', 'I', 'EM', 'U', 'UL', 'OL', 'LI', 'A', 'DIV', 'SPAN', 'BLOCKQUOTE', 'H1', 'H2', 'H3']);
const DROPPED = new Set(['SCRIPT', 'STYLE', 'IFRAME', 'OBJECT', 'EMBED', 'TEMPLATE', 'SVG', 'MATH', 'FORM', 'INPUT', 'TITLE']);

/**
 * The HTML that the editor knows: what a person can make in it, and nothing that runs. A template may
 * have been written by another client of the API, so it is not trusted when it is opened here.
 */
export function safeHtml(html: string): string {
  const page = new DOMParser().parseFromString(html, 'text/html');
  const out = document.implementation.createHTMLDocument('').createElement('div');
  for (const child of page.body.childNodes) copy(child, out);
  return out.innerHTML;
}

function copy(node: Node, into: Element): void {
  if (node.nodeType === Node.TEXT_NODE) {
    into.append(node.textContent ?? '');
    return;
  }
  if (!(node instanceof Element) && node.nodeType !== Node.ELEMENT_NODE) return;
  const element = node as Element;
  const name = element.tagName.toUpperCase();
  if (DROPPED.has(name)) return;
  let target = into;
  if (ALLOWED.has(name)) {
    target = into.ownerDocument.createElement(name);
    const href = name === 'A' ? element.getAttribute('href') ?? '' : '';
    // A field may stand where the address begins: {{bookingUrl}}.
    if (/^(https?:\/\/|mailto:|\{\{)/i.test(href)) target.setAttribute('href', href);
    into.append(target);
  }
  for (const child of element.childNodes) copy(child, target);
}

export const textOfHtml = (html: string): string => new DOMParser().parseFromString(html, 'text/html').body.textContent?.trim() ?? '';
