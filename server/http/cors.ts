import type { RequestHandler } from 'express';

/**
 * Cross-origin calls, from the exact origins that the applications list; never `*`, because cookies may
 * come along. A preflight names no application, so any that lists the origin is enough for it; the request
 * itself is held against the list of the application that calls (see the authenticator).
 */
export interface CorsOptions {
  /** Origin of this server's own pages. */
  readonly own: string;
  /** Whether an application lists the origin. */
  readonly isListed: (origin: string) => Promise<boolean>;
}

const METHODS = 'GET, POST, PUT, PATCH, DELETE';
const HEADERS = [
  'Authorization', 'Content-Type', 'If-Match', 'If-None-Match', 'Idempotency-Key', 'Last-Event-ID',
  'X-Aurinko-Client-Id', 'X-Aurinko-ClientId', 'X-Aurinko-Account-Id', 'X-Aurinko-Session',
  'X-Aurinko-Auth-Type', 'X-Aurinko-AuthType', 'X-Aurinko-Mailbox-Info',
].join(', ');
/** What a script may read beyond the body. */
const EXPOSED = 'X-Request-Id, Retry-After, ETag, Location, Idempotency-Replayed';
const PREFLIGHT_SECONDS = '600';

export function cors({ own, isListed }: CorsOptions): RequestHandler {
  return async (req, res, next) => {
    const { origin } = req.headers;
    res.vary('Origin');
    if (origin === undefined || origin === own) return next();
    const preflight = req.method === 'OPTIONS' && req.headers['access-control-request-method'] !== undefined;
    const listed = await isListed(origin);
    if (listed) {
      res.set({ 'Access-Control-Allow-Origin': origin, 'Access-Control-Allow-Credentials': 'true' });
      if (preflight) res.set({ 'Access-Control-Allow-Methods': METHODS, 'Access-Control-Allow-Headers': HEADERS, 'Access-Control-Max-Age': PREFLIGHT_SECONDS });
      else res.set('Access-Control-Expose-Headers', EXPOSED);
    }
    if (preflight) return void res.status(listed ? 204 : 403).end();
    next();
  };
}
