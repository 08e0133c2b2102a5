/**
 * HTML that somebody else wrote, fit for the editor. The editor is part of the page itself and what is in
 * it is sent on, so only what a mail can be made of is copied over: nothing that runs, loads, submits,
 * names itself or lays itself over the page.
 */
const KEPT = new Set([
  'A', 'ABBR', 'ADDRESS', 'B', 'BDI', 'BDO', 'BIG', 'BLOCKQUOTE', 'BR', 'CAPTION', 'CENTER', 'CITE', 'CODE', 'COL', 'COLGROUP', 'DD', 'DEL', 'DIV', 'DL', 'DT', 'EM',
  'FONT', 'H1', 'H2', 'H3', 'H4', 'H5', 'H6', 'HR', 'I', 'IMG', 'INS', 'KBD', 'LI', 'MARK', 'OL', 'P', 'PRE', 'Q', 'S', 'SAMP', 'SMALL', 'SPAN', 'STRIKE', 'STRONG', 'SUB', 'SUP',
  'TABLE', 'TBODY', 'TD', 'TFOOT', 'TH', 'THEAD', 'TR', 'TT', 'U', 'UL', 'VAR', 'WBR',
]);
/** Gone with all that is in them; of any other element the content stays. */
const DROPPED = new Set([
  'SCRIPT', 'STYLE', 'TITLE', 'TEMPLATE', 'NOSCRIPT', 'NOEMBED', 'NOFRAMES', 'IFRAME', 'FRAME', 'OBJECT', 'EMBED', 'APPLET', 'SVG', 'MATH', 'TEXTAREA', 'SELECT', 'XMP', 'PLAINTEXT', 'VIDEO', 'AUDIO', 'DIALOG', 'HEAD',
]);
const ATTRIBUTES = new Set(['align', 'valign', 'dir', 'lang', 'title', 'alt', 'width', 'height', 'bgcolor', 'color', 'border', 'cellpadding', 'cellspacing', 'colspan', 'rowspan', 'face', 'size', 'start', 'type']);
const STYLES = new Set([
  'color', 'background-color', 'font', 'font-family', 'font-size', 'font-style', 'font-weight', 'line-height', 'text-align', 'text-decoration', 'vertical-align', 'white-space',
  'margin', 'margin-left', 'margin-right', 'margin-top', 'margin-bottom', 'padding', 'padding-left', 'padding-right', 'padding-top', 'padding-bottom',
  'border', 'border-left', 'border-right', 'border-top', 'border-bottom', 'border-radius', 'border-collapse', 'width', 'max-width', 'height', 'display',
]);
/** A value that can name an address could load something. */
const SAFE_VALUE = /^([^()\\<>@]*|(rgb|rgba|hsl|hsla)\([\d\s.,%/]*\))$/i;
/** A field may stand where the address begins: {{bookingUrl}}. */
const LINK = /^(https?:\/\/|mailto:|\{\{)/i;
const PICTURE = /^data:image\/(png|gif|jpeg|webp);base64,/i;
const PARKED_SOURCE = 'data-playground-src';

/** Remote images are parked, because the editor must not load a tracking pixel while its own message is being written. */
export function editable(html: string): DocumentFragment {
  const { body } = new DOMParser().parseFromString(html, 'text/html');
  const fragment = document.createDocumentFragment();
  for (const child of body.childNodes) copy(child, fragment);
  return fragment;
}

/** The editor's content as the message will carry it. */
export function editedHtml(editor: HTMLElement): string {
  const copied = editor.cloneNode(true) as HTMLElement;
  for (const image of copied.querySelectorAll(`img[${PARKED_SOURCE}]`)) {
    image.setAttribute('src', image.getAttribute(PARKED_SOURCE)!);
    image.removeAttribute(PARKED_SOURCE);
  }
  return copied.innerHTML;
}

function copy(node: Node, into: Node): void {
  if (node.nodeType === Node.TEXT_NODE) return void into.appendChild(document.createTextNode(node.textContent ?? ''));
  if (node.nodeType !== Node.ELEMENT_NODE) return;
  const element = node as Element;
  const name = element.tagName.toUpperCase();
  if (DROPPED.has(name)) return;
  let target = into;
  if (KEPT.has(name)) {
    const made = document.createElement(name);
    for (const attribute of element.attributes) keep(made, name, attribute.name, attribute.value);
    into.appendChild(made);
    target = made;
  }
  for (const child of element.childNodes) copy(child, target);
}

function keep(made: HTMLElement, element: string, name: string, value: string): void {
  if (ATTRIBUTES.has(name)) made.setAttribute(name, value);
  else if (name === 'href' && element === 'A' && LINK.test(value)) made.setAttribute('href', value);
  else if (name === 'src' && element === 'IMG' && PICTURE.test(value)) made.setAttribute('src', value);
  else if ((name === 'src' || name === PARKED_SOURCE) && element === 'IMG' && /^https?:\/\//i.test(value)) made.setAttribute(PARKED_SOURCE, value);
  else if (name === 'style') {
    const styles = value.split(';').map((declaration) => declaration.trim()).filter((declaration) => {
      const [property = '', ...rest] = declaration.split(':');
      return STYLES.has(property.trim().toLowerCase()) && SAFE_VALUE.test(rest.join(':').trim());
    });
    if (styles.length) made.setAttribute('style', styles.join('; '));
  }
}
