import { convert } from 'html-to-text';

const MOST_HTML = 2_000_000;

/** HTML as plain text for a text part, a snippet or the search index; bounded, so that no page stalls the server. */
export function htmlToText(html: string, options: { wordwrap?: number | false } = {}): string {
  return convert(html.slice(0, MOST_HTML), {
    wordwrap: options.wordwrap ?? false,
    limits: { maxInputLength: MOST_HTML, maxDepth: 200, maxChildNodes: 20_000 },
    selectors: [
      { selector: 'img', format: 'skip' },
      { selector: 'a', options: { hideLinkHrefIfSameAsText: true, ignoreHref: false } },
    ],
  });
}

export const escapeHtml = (text: string): string => text
  .replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');

/** Plain text as HTML that shows it line for line. */
export const textToHtml = (text: string): string =>
  `<div>${escapeHtml(text).replace(/\r\n|\r|\n/g, '<br>\n').replace(/ {2}/g, '&nbsp; ')}</div>`;
