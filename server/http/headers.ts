import type { RequestHandler } from 'express';

/**
 * The one table from page class to security headers. A route says which class its page is of; nothing
 * else sets these headers, and an answer that says nothing is of class `api`, the strictest.
 * `frame-ancestors` replaces X-Frame-Options, which cannot name two origins. `form-action` is said where
 * the page has no form of its own, since `default-src` does not cover it; the sign-in says none, because
 * Chromium holds the redirect to the return address against it too.
 */
export type PageClass = 'api' | 'pane' | 'dialog' | 'signin' | 'booking' | 'playground' | 'docs' | 'download' | 'pixel' | 'asset';

/** Hosts that frame a task pane; Microsoft publishes no list (facts of 2026: the move to cloud.microsoft goes on). */
const OUTLOOK_FRAMES = [
  'https://outlook.office.com', 'https://outlook.office365.com', 'https://outlook.live.com',
  'https://outlook.cloud.microsoft', 'https://*.cloud.microsoft',
  'https://outlook.office365.us', 'https://partner.outlook.cn',
];
const OFFICE_SCRIPTS = 'https://appsforoffice.microsoft.com https://ajax.aspnetcdn.com';

export interface HeaderContext {
  /** Further origins that may frame the pane: on-premises Outlook on the web. */
  readonly frameOrigins: readonly string[];
  readonly secure: boolean;
}

export function securityHeaders(pageClass: PageClass, context: HeaderContext): Record<string, string> {
  const common: Record<string, string> = {
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'X-Permitted-Cross-Domain-Policies': 'none',
    ...(context.secure ? { 'Strict-Transport-Security': 'max-age=31536000' } : {}),
  };
  const framing = `frame-ancestors 'self' ${[...OUTLOOK_FRAMES, ...context.frameOrigins].join(' ')}`;
  switch (pageClass) {
    case 'api':
      return { ...common, 'Content-Security-Policy': "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'", 'Cross-Origin-Resource-Policy': 'same-origin', 'Cache-Control': 'no-store' };
    case 'pane':
      // Fluent writes its styles at run time, which is why styles alone are 'unsafe-inline'.
      return { ...common, 'Content-Security-Policy': `default-src 'self'; script-src 'self' ${OFFICE_SCRIPTS}; style-src 'self' 'unsafe-inline'; img-src 'self' data: https:; connect-src 'self' https://login.microsoftonline.com; frame-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; ${framing}` };
    case 'dialog':
      // Office's dialog API answers error 12006 to a page with another opener policy.
      return { ...common, 'Cross-Origin-Opener-Policy': 'unsafe-none', 'Content-Security-Policy': `default-src 'self'; script-src 'self' ${OFFICE_SCRIPTS}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; form-action 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'self'`, 'Cache-Control': 'no-store' };
    case 'signin':
      return { ...common, 'Cross-Origin-Opener-Policy': 'unsafe-none', 'Content-Security-Policy': "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'", 'Cache-Control': 'no-store' };
    case 'booking':
      return { ...common, 'Content-Security-Policy': "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors *" };
    case 'playground':
      return { ...common, 'Content-Security-Policy': "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'", 'Cache-Control': 'no-store' };
    case 'docs':
      return { ...common, 'Content-Security-Policy': "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'" };
    case 'download':
      return { ...common, 'Content-Security-Policy': "sandbox; default-src 'none'; frame-ancestors 'none'", 'Content-Disposition': 'attachment', 'Cross-Origin-Resource-Policy': 'same-origin', 'Cache-Control': 'private, no-store' };
    case 'asset':
      // Scripts and icons are public; Outlook's ribbon loads the icons from another site.
      return { ...common, 'Cross-Origin-Resource-Policy': 'cross-origin' };
    case 'pixel':
      return { ...common, 'Cross-Origin-Resource-Policy': 'cross-origin', 'Cache-Control': 'no-store, no-cache, must-revalidate, max-age=0', 'Pragma': 'no-cache' };
  }
}

/** Every header that the table may set, so that a page takes none along from the class it had before. */
const MANAGED = ['Content-Security-Policy', 'Cache-Control', 'Pragma', 'Content-Disposition', 'Cross-Origin-Opener-Policy', 'Cross-Origin-Resource-Policy'];

interface HeaderSink {
  setHeader(name: string, value: string): unknown;
  removeHeader(name: string): unknown;
}

/** Gives the answer the headers of its class, in place of those of another. */
export function setPageClass(res: HeaderSink, pageClass: PageClass, context: HeaderContext): void {
  for (const name of MANAGED) res.removeHeader(name);
  for (const [name, value] of Object.entries(securityHeaders(pageClass, context))) res.setHeader(name, value);
}

/** In front of every route: whatever answers without naming a class can be framed, kept and run by nobody. */
export const strictestFirst: RequestHandler = (req, res, next) => {
  setPageClass(res, 'api', { frameOrigins: [], secure: req.secure });
  next();
};
