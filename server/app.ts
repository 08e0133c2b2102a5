import type { RequestListener } from 'node:http';
import express, { type Express } from 'express';
import { operations } from './contract.ts';
import type { Deps } from './deps.ts';
import { AppError } from './errors.ts';
import { bindFeatures } from './features.ts';
import { originIsListed } from './features/accounts/queries.ts';
import { createAuthenticator } from './features/auth/authenticator.ts';
import { createHitHandler } from './features/tracking/pixel.ts';
import { errorHandler, requestIds, type BinderDeps } from './http/bind.ts';
import { clientAddress, type TrustsProxy } from './http/client-address.ts';
import { cors } from './http/cors.ts';
import { docsRouter } from './http/docs.ts';
import { strictestFirst } from './http/headers.ts';
import { healthRouter } from './http/health.ts';
import { createIdempotency } from './http/idempotency.ts';
import { pageRoutes } from './pages.ts';

/** Of a worker: health and figures, nothing else. */
export function createWorkerApp(deps: Deps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(strictestFirst);
  app.use(healthRouter(deps));
  app.use((_req, res) => void res.status(404).type('text').send('This process works on jobs; /healthz, /readyz and /metrics answer.\n'));
  return app;
}

export interface AppOptions {
  readonly validateResponses?: boolean;
  /** Aborted when the server stops, so that streams end. */
  readonly stopping?: AbortSignal;
}

/** The HTTP side of the server, mounted but not listening, so that tests use the very same. */
export function createApp(deps: Deps, options: AppOptions = {}): RequestListener {
  const routes = createRoutes(deps, options);
  // In front of the framework, whose own work for one request is more than a pixel's.
  const hits = createHitHandler(deps);
  const trusts = routes.get('trust proxy fn') as TrustsProxy;
  return (req, res) => void (hits(req, res, clientAddress(req, trusts)) || routes(req, res));
}

/** All but pixels and tracked links. */
export function createRoutes(deps: Deps, options: AppOptions = {}): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.set('trust proxy', [...deps.config.trustedProxies]);
  app.use(requestIds);
  app.use(strictestFirst);
  app.use(cors({ own: new URL(deps.config.publicUrl).origin, isListed: (origin) => originIsListed(deps.db, origin) }));

  const binder: BinderDeps = {
    authenticate: createAuthenticator(deps),
    idempotency: createIdempotency(deps),
    log: deps.log,
    metrics: deps.metrics,
    frameOrigins: deps.config.application.origins,
    validateResponses: options.validateResponses ?? false,
    stopping: options.stopping,
  };
  bindFeatures(app, deps, binder);

  app.use(pageRoutes(deps));

  app.use(healthRouter(deps));
  app.use(docsRouter(operations, deps.config.publicUrl));

  app.use((req, _res, next) => next(new AppError('notFound', `There is no ${req.method} at this path; /docs lists the operations.`)));
  app.use(errorHandler(deps.log));
  return app;
}
