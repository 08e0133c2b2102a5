import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import express, { type Router } from 'express';
import type { Operation } from './operation.ts';
import { setPageClass } from './headers.ts';
import { openApiDocument } from './openapi.ts';

const uiFolder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sundial API</title>
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

// A file of its own, because the page's policy allows no script inside the page.
const START = `window.SwaggerUIBundle({ url: '/openapi.json', dom_id: '#docs', deepLinking: true, docExpansion: 'none', filter: true, validatorUrl: null });\n`;

/** /openapi.json and its pages at /docs; every script comes from this server. */
export function docsRouter(operations: readonly Operation[], publicUrl: string): Router {
  const router = express.Router();
  const document = openApiDocument(operations, publicUrl);
  router.get('/openapi.json', (_req, res) => {
    // Public, and read by tools on other sites; it never depends on who asks.
    res.removeHeader('Access-Control-Allow-Credentials');
    res.set({ 'Access-Control-Allow-Origin': '*', 'Cross-Origin-Resource-Policy': 'cross-origin' }).json(document);
  });
  router.use('/docs', (req, res, next) => {
    setPageClass(res, 'docs', { frameOrigins: [], secure: req.secure });
    next();
  });
  router.get('/docs', (_req, res) => void res.type('html').send(PAGE));
  router.get('/docs/start.js', (_req, res) => void res.type('js').send(START));
  router.use('/docs', express.static(uiFolder, { index: false, redirect: false, maxAge: '1h' }));
  return router;
}
