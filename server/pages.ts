import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { resolve } from 'node:path';
import express, { Router, type RequestHandler, type Response } from 'express';
import type { Deps } from './deps.ts';
import { firstApp } from './features/accounts/queries.ts';
import { setPageClass, type PageClass } from './http/headers.ts';

/**
 * The pages that webpack builds (task pane, sign-in return, booking, playground) with their scripts.
 * Each page is completed here with what it must know of this server and with the Office.js it runs on.
 */
const BUILD = resolve(import.meta.dirname, '../dist/addin');
const ICONS = resolve(import.meta.dirname, '../addin/icons');
const OFFICE_JS = resolve(import.meta.dirname, '../node_modules/@microsoft/office-js/dist');
const MANIFEST = resolve(import.meta.dirname, '../manifest.xml');
/** The address that the manifest in the repository names. */
const MANIFEST_ORIGIN = 'https://localhost:3000';
const FILES = { index: false, redirect: false } as const;
/** The script of Outlook's events, as the manifest names it. */
const EVENTS = '/addin/launchevent.js';
const YEAR_SECONDS = 31_536_000;

/** Microsoft wants its library loaded from here and from nowhere else, so that a client gets the one it fits. */
const OFFICE_CDN = 'https://appsforoffice.microsoft.com/lib/1/hosted/office.js';

export function pageRoutes(deps: Deps): Router {
  const router = Router();
  const { config } = deps;
  const inPlayground = config.mode === 'playground';
  const as = (pageClass: PageClass, res: Response): Response => {
    setPageClass(res, pageClass, { frameOrigins: config.application.origins, secure: res.req.secure });
    return res;
  };
  const clientId = once(async () => config.application.clientId ?? (await firstApp(deps.db))?.client_id ?? '');

  const sendPage = async (res: Response, file: string, pageClass: PageClass, officeScript?: string): Promise<void> => {
    as(pageClass, res).type('html');
    const page = readBuilt(file);
    if (page === undefined) return void res.status(503).send(NOT_BUILT);
    const settings = { clientId: await clientId(), publicUrl: config.publicUrl, mode: config.mode };
    // A page names its scripts by their hash, so an old copy of the page would ask for scripts that are gone.
    if (!res.get('Cache-Control')) res.set('Cache-Control', 'no-cache');
    res.send(page
      .replace(slot('config'), () => `<script type="application/json" id="sundial-config">${jsonInScript(settings)}</script>`)
      .replace(slot('office'), () => officeScript ? `<script src="${officeScript}" async></script>` : ''));
  };

  const office = config.officeJs === 'local' ? '/office-js/office.js' : OFFICE_CDN;
  const officeFor = (host: unknown) => inPlayground && host === 'playground' ? '/playground/office.js' : office;

  router.get('/addin/taskpane.html', (req, res) => sendPage(res, 'taskpane.html', 'pane', officeFor(req.query.host)));
  // Return addresses are exact, so this page is told its host by the state that the pane made for the sign-in.
  router.get('/addin/auth-return.html', (req, res) => sendPage(res, 'auth-return.html', 'dialog', officeFor(/^playground\./.test(String(req.query.state)) ? 'playground' : undefined)));
  router.get('/addin/launchevent.html', (req, res) => sendPage(res, 'launchevent.html', 'pane', officeFor(req.query.host)));
  router.get(EVENTS, async (_req, res) => {
    const script = readBuilt('launchevent.js');
    as('asset', res).set('Cache-Control', 'no-cache');
    if (script === undefined) return void res.status(503).type('text').send('The add-in is not built.');
    // Classic Outlook runs this file without a page, so what a page would say stands in front of it.
    const settings = { publicUrl: config.publicUrl, clientId: await clientId() };
    res.type('js').send(`var SUNDIAL = ${JSON.stringify(settings)};\n${script}`);
  });
  // Without it classic Outlook lets an event's script call nobody.
  router.get('/.well-known/microsoft-officeaddins-allowed.json', (_req, res) => {
    as('asset', res).set('Cache-Control', 'no-cache').json({ allowed: [`${config.publicUrl}${EVENTS}`] });
  });
  router.get('/manifest.xml', (_req, res) => {
    // Exchange and Outlook take manifests from a file or a URL; this one names this server.
    const text = readFileSync(MANIFEST, 'utf8').replaceAll(MANIFEST_ORIGIN, config.publicUrl);
    as('asset', res).set('Cache-Control', 'no-cache').type('application/xml').send(text);
  });
  router.get('/book/:clientId/:name', (_req, res) => sendPage(res, 'booking.html', 'booking'));
  if (inPlayground) {
    router.get('/', (_req, res) => sendPage(res, 'playground.html', 'playground'));
    router.get('/playground/office.js', (_req, res) => {
      const script = readBuilt('playground-office.js');
      as('asset', res).set('Cache-Control', 'no-cache');
      if (script === undefined) return void res.status(503).type('text').send('The add-in is not built.');
      res.type('js').send(script);
    });
  } else {
    // New Outlook looks at the root of an add-in's host before it frames the pane: `/` must be framable too.
    router.get('/', (_req, res) => void as('pane', res).type('html').send(WELCOME));
  }

  router.use('/addin/icons', express.static(ICONS, { ...FILES, maxAge: '1d', setHeaders: (res) => void asset(res) }));
  // Its pages have routes of their own above; as files they would come without their settings and their policy.
  router.use('/addin', filesOnly, express.static(BUILD, {
    ...FILES,
    setHeaders: (res, path) => {
      asset(res);
      const hashed = /\.[0-9a-f]{12}\.js$/.test(path);
      res.setHeader('Cache-Control', hashed ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache');
    },
  }));
  if (config.officeJs === 'local') {
    router.use('/office-js', express.static(OFFICE_JS, { ...FILES, maxAge: '1d', setHeaders: (res) => void asset(res) }));
  }
  return router;

  function asset(res: ServerResponse): void {
    setPageClass(res, 'asset', { frameOrigins: [], secure: config.publicUrl.startsWith('https:') });
  }
}

const filesOnly: RequestHandler = (req, _res, next) => next(/^\/[\w.-]+\.(?!html?$)[a-z]+$/i.test(req.path) ? undefined : 'router');

/** The place in a built page that is filled in here; an element, because the build strips comments. */
const slot = (name: string): RegExp => new RegExp(`<meta name="?sundial-${name}"?>`);

function readBuilt(file: string): string | undefined {
  try {
    return readFileSync(resolve(BUILD, file), 'utf8');
  } catch {
    return undefined;
  }
}

/** `<` is the only character by which text could leave a script element. */
const jsonInScript = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

const plainPage = (title: string, text: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>
<body style="font: 16px/1.5 system-ui, sans-serif; max-width: 36em; margin: 4em auto; padding: 0 1em"><h1>${title}</h1><p>${text}</p></body></html>`;

const NOT_BUILT = plainPage('The add-in is not built yet', 'Run <code>npm run build</code> (<code>npm start</code> does it by itself), then load this page again.');
const WELCOME = plainPage('Sundial', 'This server is the companion of the Sundial add-in for Outlook. Open Sundial from a message in Outlook; the API is described at <a href="/docs">/docs</a>.');
