import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { operations } from '../server/contract.ts';
import { openApiDocument } from '../server/http/openapi.ts';

const root = join(import.meta.dirname, '..');

interface Source {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly { readonly from: string; readonly typeOnly: boolean }[];
}

/** Every source file with what it imports; a relative import as a path from the root. */
const sources: readonly Source[] = ['server', 'addin'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => readSource(join(folder, name))));

function readSource(path: string): Source {
  const text = readFileSync(join(root, path), 'utf8');
  const found = text.matchAll(/^\s*(?:import|export)\s+(type\s)?[^'";]*?from\s+'([^']+)'|^\s*import\s+'([^']+)'|\bimport\('([^']+)'\)/gm);
  const imports = [...found].map((m) => {
    const name = m[2] ?? m[3] ?? m[4]!;
    return { from: name.startsWith('.') ? relative(root, resolve(join(root, dirname(path)), name)) : name, typeOnly: m[1] !== undefined };
  });
  return { path, text, imports };
}

/** Import directions: [files, what they may not import, what to use instead]. */
const FEATURE_LEVEL: Record<string, number> = { accounts: 0, auth: 1, user: 2, email: 1, calendar: 1, tracking: 3, followup: 3, booking: 3, stats: 4 };

const rules: readonly { readonly files: RegExp; readonly refuse: (from: string, source: Source, typeOnly: boolean) => boolean; readonly instead: string }[] = [
  { files: /^addin\//, refuse: (from, _s, typeOnly) => from.startsWith('server/') && !(from === 'server/contract.ts' && typeOnly), instead: 'the add-in imports types of server/contract.ts only (import type)' },
  { files: /^addin\/ui\//, refuse: (from) => /^addin\/(api|office|features)/.test(from), instead: 'parts in addin/ui get what they show by props' },
  { files: /contract\.ts$/, refuse: (from) => !(from === 'zod' || /^server\/http\/(operation|wire)\.ts$/.test(from) || /contract\.ts$/.test(from)), instead: 'a contract imports zod, the operation type and other contracts, so that the add-in can read its types' },
  { files: /^server\/features\/[^/]+\/.*routes\.ts$/, refuse: (from) => from === 'express' || from.startsWith('server/providers/'), instead: 'routes call their own service or queries and answer a body or a Reply' },
  { files: /^server\/features\//, refuse: (from) => from === 'express' || /^server\/providers\/(?!provider\.ts|registry\.ts)/.test(from), instead: 'a feature asks the provider interface (providers/provider.ts) for a capability' },
  { files: /^server\/features\/.*queries\.ts$/, refuse: (from) => /^server\/(?!db\/|features\/[^/]+\/(.*queries|contract|.*\.contract)\.ts|lib\/|http\/(operation|wire)\.ts|events\/types\.ts)/.test(from), instead: 'queries know the database and nothing above it' },
  { files: /^server\/providers\//, refuse: (from) => /^server\/(features|http|jobs)\//.test(from), instead: 'a provider gets what it needs in ProviderDeps' },
  { files: /^server\/providers\/(?!hosted\/)/, refuse: (from, source, typeOnly) => /^server\/db\//.test(from) && !(typeOnly && source.path === 'server/providers/provider.ts'), instead: 'only the hosted provider has tables of its own' },
  { files: /^server\/(http|db|events|jobs|net|lib)\//, refuse: (from, source) => from.startsWith('server/features/') && source.path !== 'server/http/print-openapi.ts', instead: 'the platform knows no feature; take it as a parameter and pass it in app.ts, features.ts or sundial.ts' },
  { files: /^server\/(db|lib)\//, refuse: (from) => /^server\/(http|events|jobs|net|providers)\//.test(from), instead: 'the database and the tools lie at the bottom; what they share with http goes into lib' },
  { files: /^server\/(?!playground\/|app\.ts|features\.ts|sundial\.ts)/, refuse: (from) => from.startsWith('server/playground/'), instead: 'only app.ts, features.ts and sundial.ts know the playground' },
  { files: /^server\/(?!cli\/)/, refuse: (from) => from.startsWith('server/cli/'), instead: 'commands call the server, nothing calls a command' },
  { files: /^server\/(?!cli\/|personal\/)/, refuse: (from) => from.startsWith('server/personal/'), instead: 'what looks into the tables of every feature stands above them all; commands use it' },
  { files: /./, refuse: (from) => from.includes('shared/'), instead: 'the project stands alone' },
];

describe('the house', () => {
  it('keeps every import in its direction', () => {
    const broken = sources.flatMap((source) => source.imports.flatMap(({ from, typeOnly }) =>
      rules.filter((rule) => rule.files.test(source.path) && rule.refuse(from, source, typeOnly)).map((rule) => `${source.path} imports ${from}: ${rule.instead}`)));
    expect(broken).toEqual([]);
  });

  it('lets a feature call features below it only', () => {
    const featureOf = (path: string): string | undefined => /^server\/features\/([^/]+)\//.exec(path)?.[1];
    const broken = sources.flatMap((source) => source.imports.flatMap(({ from, typeOnly }) => {
      const [own, other] = [featureOf(source.path), featureOf(from)];
      if (!own || !other || own === other || typeOnly || /contract\.ts$/.test(from)) return [];
      return FEATURE_LEVEL[other]! < FEATURE_LEVEL[own]! ? [] : [`${source.path} imports ${from}: ${other} is not below ${own}; let it hear an event, or declare a step`];
    }));
    expect(broken).toEqual([]);
  });

  it('touches Office.js in addin/office only', () => {
    const broken = sources.filter((s) => s.path.startsWith('addin/') && !/^addin\/(office|playground|launchevent)\//.test(s.path) && /\bOffice\.(context|onReady|actions|AsyncResultStatus)\b/.test(s.text));
    expect(broken.map((s) => s.path)).toEqual([]);
  });

  it('calls fetch in addin/api.ts only', () => {
    const broken = sources.filter((s) => /^addin\/(taskpane|features|ui|office)\//.test(s.path) && /(?<![\w.])fetch\(/.test(s.text));
    expect(broken.map((s) => s.path)).toEqual([]);
  });

  it('lets the server call out through net/ only, where addresses are checked', () => {
    const broken = sources.filter((s) => s.path.startsWith('server/') && !s.path.startsWith('server/net/')).flatMap(({ path, text }) => [
      // The playground's mail programs load their own server's pixels, on loopback.
      ...(/from 'undici'/.test(text) && path !== 'server/playground/images.ts' ? [`${path} imports undici`] : []),
      ...(/(?<![\w.])fetch\(/.test(text) && !/GuardedFetch|\bfetch \}: Needs/.test(text) || /globalThis\.fetch/.test(text) ? [`${path} calls the unguarded fetch`] : []),
      ...(/import (?!type)[^;]*\b(request|get|connect|createConnection|Agent)\b[^;]*from 'node:(https?|http2|net|tls)'|from 'node:(https|http2|dgram)'/.test(text)
        // The doctor looks whether the server's own ports are taken.
        && path !== 'server/cli/checks/host.ts' ? [`${path} dials by itself`] : []),
      ...(/createRemoteJWKSet|new WebSocket\(|new EventSource\(/.test(text) ? [`${path} dials by itself`] : []),
    ]);
    expect(broken, 'use deps.fetch').toEqual([]);
  });

  it('reads the wall clock through the Clock only', () => {
    const broken = sources.filter((s) => /^server\/(features|providers)\//.test(s.path) && /Date\.now\(\)|new Date\(\)/.test(s.text));
    expect(broken.map((s) => s.path)).toEqual([]);
  });

  it('leaves failpoints to the tests: nothing of the server installs one, and no module is loaded by a name made at run time', () => {
    expect(sources.filter((s) => s.path !== 'server/lib/failpoint.ts' && s.text.includes('installFailpoints')).map((s) => s.path)).toEqual([]);
    const server = sources.filter((s) => s.path.startsWith('server/'));
    expect(server.filter((s) => /\bimport\((?!')|\brequire\(/.test(s.text)).map((s) => s.path)).toEqual([]);
    expect(server.flatMap((s) => s.imports.filter(({ from }) => from.startsWith('test/')).map(() => s.path))).toEqual([]);
  });

  it('keeps each file small enough to read at one sitting', () => {
    const long = sources.map((s) => ({ path: s.path, lines: s.text.split('\n').length })).filter((s) => s.lines > 500);
    expect(long).toEqual([]);
  });

  it('gives every operation an id of its own, a path of its own and a summary', () => {
    const ids = operations.map((op) => op.operationId);
    const paths = operations.map((op) => `${op.method} ${op.path}`);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
    expect(paths.filter((p, i) => paths.indexOf(p) !== i)).toEqual([]);
    expect(operations.filter((op) => !op.summary)).toEqual([]);
  });

  it('keeps the OpenAPI document as recorded; a change of the contract re-records it in the same commit (UPDATE_GOLDEN=1)', () => {
    const golden = join(root, 'test/fixtures/openapi.golden.json');
    const document = `${JSON.stringify(openApiDocument(operations), null, 1)}\n`;
    if (process.env.UPDATE_GOLDEN) writeFileSync(golden, document);
    expect(document).toBe(readFileSync(golden, 'utf8'));
  });
});
