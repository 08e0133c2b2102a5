import sanitizeHtml from 'sanitize-html';

/**
 * A stored body made fit for the playground's reading pane: no scripts, forms, frames or remote styles;
 * links open a window of their own; remote images stay away until their program loads them.
 */
const TAGS = [
  'a', 'abbr', 'address', 'b', 'bdi', 'bdo', 'big', 'blockquote', 'br', 'caption', 'center', 'cite', 'code', 'col', 'colgroup', 'dd', 'del', 'div', 'dl', 'dt', 'em',
  'font', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'i', 'img', 'ins', 'kbd', 'li', 'mark', 'ol', 'p', 'pre', 'q', 's', 'samp', 'small', 'span', 'strike', 'strong', 'sub', 'sup',
  'table', 'tbody', 'td', 'tfoot', 'th', 'thead', 'tr', 'tt', 'u', 'ul', 'var', 'wbr',
];
const STYLES = [
  'color', 'background-color', 'font-family', 'font-size', 'font-style', 'font-weight', 'line-height', 'text-align', 'text-decoration', 'vertical-align', 'white-space',
  'margin', 'margin-left', 'margin-right', 'margin-top', 'margin-bottom', 'padding', 'padding-left', 'padding-right', 'padding-top', 'padding-bottom',
  'border', 'border-left', 'border-right', 'border-top', 'border-bottom', 'border-radius', 'border-collapse', 'width', 'max-width', 'height', 'display',
];
// A value that can name an address could load something; all else is harmless.
const SAFE_VALUE = [/^[^()\\<>@]*$/, /^(rgb|rgba|hsl|hsla)\([\d\s.,%/]*\)$/i];

export interface Addresses {
  readonly images: readonly string[];
  readonly links: readonly string[];
}

/** The remote addresses of a body, each once, in order. */
export function addressesOf(html: string): Addresses {
  const images = new Set<string>();
  const links = new Set<string>();
  sanitizeHtml(html, {
    allowedTags: ['a', 'img'],
    allowedAttributes: { a: ['href'], img: ['src'] },
    transformTags: {
      a: (tagName, attribs) => {
        if (/^https?:/i.test(attribs.href ?? '')) links.add(attribs.href!);
        return { tagName, attribs };
      },
      img: (tagName, attribs) => {
        if (/^https?:/i.test(attribs.src ?? '')) images.add(attribs.src!);
        return { tagName, attribs };
      },
    },
  });
  return { images: [...images], links: [...links] };
}

/** `loaded`: data URLs of the images that were fetched; another remote image becomes a grey placeholder. */
export function viewOf(html: string, loaded: ReadonlyMap<string, string>): string {
  return sanitizeHtml(html, {
    allowedTags: TAGS,
    allowedAttributes: {
      '*': ['style', 'align', 'valign', 'dir', 'lang', 'title', 'width', 'height', 'bgcolor', 'color', 'border', 'cellpadding', 'cellspacing', 'colspan', 'rowspan', 'face', 'size'],
      a: ['href', 'target', 'rel'],
      img: ['src', 'alt', 'data-blocked'],
    },
    allowedSchemes: ['http', 'https', 'mailto'],
    allowedSchemesByTag: { img: ['data'] },
    allowProtocolRelative: false,
    allowedStyles: { '*': Object.fromEntries(STYLES.map((name) => [name, SAFE_VALUE])) },
    transformTags: {
      a: (tagName, attribs) => ({ tagName, attribs: { ...attribs, target: '_blank', rel: 'noopener noreferrer' } }),
      img: (tagName, attribs) => {
        const { src = '', ...rest } = attribs;
        const shown = src.startsWith('data:image/') ? src : loaded.get(src);
        return { tagName, attribs: shown ? { ...rest, src: shown } : { ...rest, 'data-blocked': '' } };
      },
    },
  });
}
