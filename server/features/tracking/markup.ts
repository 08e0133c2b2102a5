import { randomToken } from '../../lib/ids.ts';
import { addressesIn, escapeHtml, languageIn, rewriteHtml } from './html.ts';

/** 128 random bits in base64url: 22 characters. */
export const newCode = (): string => randomToken(16);

export const pixelUrl = (publicUrl: string, code: string): string => `${publicUrl}/t/${code}.gif`;
export const linkUrl = (publicUrl: string, code: string): string => `${publicUrl}/l/${code}`;
export const optOutUrl = (publicUrl: string, code: string): string => `${publicUrl}/o/${code}`;

/** Not 0 by 0 and not hidden: mail programs and filters take such images for a defect. No style: Outlook's append call takes none. */
export const pixelHtml = (publicUrl: string, code: string): string => `<img src="${pixelUrl(publicUrl, code)}" width="1" height="1" alt="">`;

/** The line that tells recipients of it and lets them turn it off. */
export function optOutHtml(publicUrl: string, code: string, language: Language = 'en'): string {
  const [notice, action] = OPT_OUT_LINE[language];
  return `<p><small>${escapeHtml(notice)} <a href="${optOutUrl(publicUrl, code)}">${escapeHtml(action)}</a></small></p>`;
}

export const LANGUAGES = ['en', 'de', 'fr', 'es'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The language of the opt-out line: the message's own where we have it. */
export const languageOf = (html: string): Language => LANGUAGES.find((language) => language === languageIn(html)) ?? 'en';

const OPT_OUT_LINE: Readonly<Record<Language, readonly [string, string]>> = {
  en: ['The sender can see whether this message is opened.', 'Turn this off'],
  de: ['Der Absender kann sehen, ob diese Nachricht geöffnet wird.', 'Das abschalten'],
  fr: ['L’expéditeur peut voir si ce message est ouvert.', 'Désactiver'],
  es: ['El remitente puede ver si se abre este mensaje.', 'Desactivarlo'],
};

export interface NewLink {
  readonly code: string;
  readonly url: string;
  readonly label: string;
}

export interface Markup {
  readonly code: string;
  readonly pixel: boolean;
  readonly optOut: boolean;
  readonly links: boolean;
  readonly language?: Language | undefined;
  /** Pixels that stay beside the own one; any other stands in a quote and would report this message's readers as its own. */
  readonly keep: ReadonlySet<string>;
}

/** Puts pixel, opt-out line and tracked links into a message and nothing else; answers the links it made. */
export function markUp(publicUrl: string, html: string, wanted: Markup): { html: string; links: NewLink[] } {
  const links: NewLink[] = [];
  const present = codesIn(publicUrl, html);
  const append = [
    wanted.optOut && !present.optOuts.includes(wanted.code) ? optOutHtml(publicUrl, wanted.code, wanted.language) : '',
    wanted.pixel && !present.pixels.includes(wanted.code) ? pixelHtml(publicUrl, wanted.code) : '',
  ].join('');
  const out = rewriteHtml(html, {
    append,
    dropImage: (src) => {
      const code = codeOf(publicUrl, 't', src.trim());
      return code !== undefined && code !== wanted.code && !wanted.keep.has(code);
    },
    ...(wanted.links ? {
      link: ({ url, label }) => {
        if (isOurs(publicUrl, url)) return undefined;
        const link = { code: newCode(), url, label };
        links.push(link);
        return linkUrl(publicUrl, link.code);
      },
    } : {}),
  });
  return { html: out, links };
}

/** Our codes that a message carries, by where they stand. */
export function codesIn(publicUrl: string, html: string): { pixels: string[]; links: string[]; optOuts: string[] } {
  if (!html.includes(publicUrl)) return { pixels: [], links: [], optOuts: [] };
  const { images, links } = addressesIn(html);
  const codes = (kind: 't' | 'l' | 'o', addresses: readonly string[]): string[] => addresses.flatMap((a) => codeOf(publicUrl, kind, a) ?? []);
  return { pixels: codes('t', images), links: codes('l', links), optOuts: codes('o', links) };
}

function codeOf(publicUrl: string, kind: 't' | 'l' | 'o', address: string): string | undefined {
  const prefix = `${publicUrl}/${kind}/`;
  return address.startsWith(prefix) ? address.slice(prefix.length).replace(/\.gif$/, '') : undefined;
}

/** Pixel, tracked-link and opt-out addresses are never wrapped again. */
const isOurs = (publicUrl: string, url: string): boolean => (['t', 'l', 'o'] as const).some((kind) => codeOf(publicUrl, kind, url) !== undefined);
