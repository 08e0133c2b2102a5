/**
 * What an application may list. Both lists are compared with what browsers send, character by
 * character, so a text that can never be equal, or that would be equal to something else, is refused
 * where it is written down.
 */

/**
 * The serialised origin of `https://app.example`, with or without the closing slash; undefined for all
 * else. A custom scheme has the origin `null`, which every sandboxed frame on the web has as well.
 */
export function parseOrigin(text: string): string | undefined {
  const url = parsed(text);
  // The URL standard lets `;`, `,` and `*` be part of a host; in a policy they begin something else.
  if (!url || !/^https?:$/.test(url.protocol) || !/^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d+)?$/.test(url.host)) return undefined;
  return [url.origin, `${url.origin}/`].includes(text.toLowerCase()) ? url.origin : undefined;
}

/** Schemes whose address would run or show in the sign-in's own window what it holds itself. */
const NO_DESTINATION = /^(javascript|data|vbscript|blob|filesystem|file|about|view-source):$/;

/** An absolute address without fragment (RFC 6749, 3.1.2) and user info; apps may have a scheme of their own. */
export function isReturnUrl(text: string): boolean {
  const url = parsed(text);
  // The hash of `https://a/#` is empty, but the mark is there.
  return url !== undefined && !NO_DESTINATION.test(url.protocol) && !text.includes('#') && !hasUserInfo(url) && !/[\s\\*]/.test(text);
}

const hasUserInfo = (url: URL): boolean => url.username !== '' || url.password !== '';

function parsed(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
