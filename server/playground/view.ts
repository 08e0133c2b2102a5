import sanitizeHtml from 'sanitize-html';
import { MAIL_HTML } from '../lib/mail-html.ts';

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

/**
 * A stored body made fit for the playground's reading pane: links open a window of their own; remote
 * images stay away until their program loads them. `loaded`: data URLs of the images that were
 * fetched; another remote image becomes a grey placeholder.
 */
export function viewOf(html: string, loaded: ReadonlyMap<string, string>): string {
  return sanitizeHtml(html, {
    ...MAIL_HTML,
    allowedAttributes: { ...MAIL_HTML.allowedAttributes, img: ['src', 'alt', 'data-blocked'] },
    allowedSchemesByTag: { img: ['data'] },
    transformTags: {
      a: (tagName, { href = '', ...rest }) => ({
        tagName,
        // A relative address would be one of the page around the mail.
        attribs: { ...rest, ...(/^(https?:\/\/|mailto:)/i.test(href) ? { href } : {}), target: '_blank', rel: 'noopener noreferrer' },
      }),
      img: (tagName, attribs) => {
        const { src = '', ...rest } = attribs;
        const shown = src.startsWith('data:image/') ? src : loaded.get(src);
        return { tagName, attribs: shown ? { ...rest, src: shown } : { ...rest, 'data-blocked': '' } };
      },
    },
  });
}
