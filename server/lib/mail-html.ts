import sanitizeHtml from 'sanitize-html';

const STYLES = [
  'color', 'background-color', 'font-family', 'font-size', 'font-style', 'font-weight', 'line-height', 'text-align', 'text-decoration', 'vertical-align', 'white-space',
  'margin', 'margin-left', 'margin-right', 'margin-top', 'margin-bottom', 'padding', 'padding-left', 'padding-right', 'padding-top', 'padding-bottom',
  'border', 'border-left', 'border-right', 'border-top', 'border-bottom', 'border-radius', 'border-collapse', 'width', 'max-width', 'height', 'display',
];
// A value that can name an address could load something; all else is harmless.
const SAFE_VALUE = [/^[^()\\<>@]*$/, /^(rgb|rgba|hsl|hsla)\([\d\s.,%/]*\)$/i];

/** What a mail's HTML may hold where it is shown, or taken from a stranger: no scripts, forms, frames or remote styles. */
export const MAIL_HTML = {
  allowedTags: [
    'a', 'abbr', 'address', 'b', 'bdi', 'bdo', 'big', 'blockquote', 'br', 'caption', 'center', 'cite', 'code', 'col', 'colgroup', 'dd', 'del', 'div', 'dl', 'dt', 'em',
    'font', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'i', 'img', 'ins', 'kbd', 'li', 'mark', 'ol', 'p', 'pre', 'q', 's', 'samp', 'small', 'span', 'strike', 'strong', 'sub', 'sup',
    'table', 'tbody', 'td', 'tfoot', 'th', 'thead', 'tr', 'tt', 'u', 'ul', 'var', 'wbr',
  ],
  allowedAttributes: {
    '*': ['style', 'align', 'valign', 'dir', 'lang', 'title', 'width', 'height', 'bgcolor', 'color', 'border', 'cellpadding', 'cellspacing', 'colspan', 'rowspan', 'face', 'size'],
    a: ['href', 'target', 'rel'],
    img: ['src', 'alt'],
  },
  allowedSchemes: ['http', 'https', 'mailto'],
  allowProtocolRelative: false,
  allowedStyles: { '*': Object.fromEntries(STYLES.map((name) => [name, SAFE_VALUE])) },
} satisfies sanitizeHtml.IOptions;

const SCHEMES_THAT_RUN = ['javascript', 'vbscript', 'data', 'file', 'blob'];

/** The HTML without anything that runs, asks or loads styles; `removed` where something of it was there. */
export function cleanMailHtml(html: string): { html: string; removed: boolean } {
  const allowedSchemesByTag = { img: ['http', 'https', 'data'] };
  const cleaned = sanitizeHtml(html, { ...MAIL_HTML, allowedSchemesByTag });
  // Entities, quotes and white space are written anew in any case; what else differs was taken out.
  const all = sanitizeHtml(html, { allowedTags: false, allowedAttributes: false, allowedSchemes: [...MAIL_HTML.allowedSchemes, ...SCHEMES_THAT_RUN], allowVulnerableTags: true });
  return { html: cleaned, removed: plain(cleaned) !== plain(all) };
}

const plain = (html: string): string => html.replace(/&amp;/g, '&').replace(/[\s;]+/g, '');
