import { createServer, type RequestListener, type Server } from 'node:http';

/** In milliseconds: how long a client may keep a connection without getting on. */
export interface HttpLimits {
  /** To say all headers of a request. */
  readonly headers: number;
  /** To send a whole request: 50 MB over a line of 1.5 Mbit/s. */
  readonly request: number;
  /** Without a byte in either direction. A stream says every 20 s that it lives; who reads nothing of an answer is cut. */
  readonly silence: number;
  /** How often it is looked who is over the first two. */
  readonly check: number;
}

const LIMITS: HttpLimits = { headers: 20_000, request: 300_000, silence: 120_000, check: 5_000 };

/** A server that no client holds up by being slow; it does not listen yet. */
export function createHttpServer(handler: RequestListener | undefined, limits: Partial<HttpLimits> = {}): Server {
  const { headers, request, silence, check } = { ...LIMITS, ...limits };
  const server = createServer({ headersTimeout: headers, requestTimeout: request, connectionsCheckingInterval: check }, handler);
  server.setTimeout(silence);
  return server;
}
