import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Deps } from '../../deps.ts';
import { securityHeaders } from '../../http/headers.ts';
import type { Metrics } from '../../http/metrics.ts';
import { createRecorder, type HitRequest, type Recorder } from './recorder.ts';
import { viewerOf } from './viewer.ts';

/** One transparent point, 43 bytes of GIF89a: the smallest that every mail program shows. */
const GIF = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64');

const PIXEL = /^\/t\/([^/?]*)\.gif(?:\?|$)/;
const LINK = /^\/l\/([^/?]+)\/?(?:\?|$)/;

export interface HitHandler {
  /** True where the request was for a pixel or a tracked link and is being answered. `ip`: the client's, proxies considered. */
  (req: IncomingMessage, res: ServerResponse, ip: string): boolean;
  readonly recorder: Recorder;
}

/**
 * Pixels and tracked links, in front of the framework: they are loaded far more often than anything else.
 * A pixel answers alike whatever its code is; when the database does not answer, every code gets 503,
 * because what was answered must have been recorded.
 */
export function createHitHandler(deps: Deps): HitHandler {
  const recorder = createRecorder(deps);
  const handle = (req: IncomingMessage, res: ServerResponse, ip: string): boolean => {
    if (req.method !== 'GET' && req.method !== 'HEAD') return false;
    const url = req.url ?? '';
    const pixel = PIXEL.exec(url);
    const link = pixel ? null : LINK.exec(url);
    const code = (pixel ?? link)?.[1];
    if (code === undefined) return false;
    const request: HitRequest = {
      code,
      method: req.method,
      ip,
      header: (name) => String(req.headers[name] ?? ''),
      viewerAccountId: pixel ? viewerOf(deps.keys, req.headers.cookie ?? '') : null,
    };
    const answered = pixel ? answerPixel(recorder, deps.metrics.pixels, request, res) : answerLink(recorder, request, res);
    answered.catch((error: unknown) => {
      // The message alone: a database error carries the statement's parameters, and codes are not for logs.
      deps.log.error({ reason: error instanceof Error ? error.message : 'unknown' }, 'an open or a click could not be recorded');
      write(res, 503, { 'Content-Type': 'text/plain; charset=utf-8', 'Retry-After': '30' }, 'Not available now.\n', request.method);
    });
    return true;
  };
  return Object.assign(handle, { recorder });
}

async function answerPixel(recorder: Recorder, latency: Metrics['pixels'], request: HitRequest, res: ServerResponse): Promise<void> {
  const started = performance.now();
  await recorder.open(request);
  latency.observe((performance.now() - started) / 1000);
  if (res.headersSent) return;
  res.writeHead(200, PIXEL_HEADERS);
  res.end(request.method === 'HEAD' ? undefined : GIF);
}

async function answerLink(recorder: Recorder, request: HitRequest, res: ServerResponse): Promise<void> {
  const address = await recorder.click(request);
  if (address === undefined) write(res, 404, { 'Content-Type': 'text/plain; charset=utf-8' }, 'This link leads nowhere: it is not one of ours, or it was shortened on the way.\n', request.method);
  else write(res, 302, { 'Location': address, 'Content-Type': 'text/plain; charset=utf-8' }, '', request.method);
}

const HEADERS = securityHeaders('pixel', { frameOrigins: [], secure: false });
/** Put together once: node:http takes a flat list as it is. */
const PIXEL_HEADERS = Object.entries({ ...HEADERS, 'Content-Type': 'image/gif', 'Content-Length': String(GIF.length) }).flat();

function write(res: ServerResponse, status: number, headers: Record<string, string>, body: string, method: string): void {
  if (res.headersSent) return;
  res.writeHead(status, { ...HEADERS, ...headers, 'Content-Length': String(Buffer.byteLength(body)) });
  res.end(method === 'HEAD' ? undefined : body);
}
