import type { Deps } from '../../deps.ts';
import { AppError, invalid, notFound } from '../../errors.ts';
import { randomToken } from '../../lib/ids.ts';
import { isReturnUrl, parseOrigin } from '../../lib/web-address.ts';
import { allApps, appByClientId, updateApp, type AppRow } from './queries.ts';
import { firstClientId, upsertApp } from './service.ts';

/** Applications beside the one that the settings describe: for the operator. */
type Needs = Pick<Deps, 'db' | 'keys' | 'config'>;

export interface NewApplication {
  readonly clientId: string;
  /** Shown once; kept encrypted. */
  readonly clientSecret: string;
  readonly signingSecret: string;
}

export async function createApp(deps: Needs, name: string, lists: { returnUrls: readonly string[]; origins: readonly string[] }): Promise<NewApplication> {
  if (!name.trim() || name.length > 200) throw invalid('name', 'must have 1 to 200 characters.');
  const made = { clientId: randomToken(12), clientSecret: randomToken(), signingSecret: randomToken() };
  await upsertApp(deps, { ...made, name, returnUrls: lists.returnUrls.map(requireReturnUrl), origins: lists.origins.map(requireOrigin) });
  return made;
}

export interface ListedApp {
  readonly clientId: string;
  readonly name: string;
  readonly accounts: number;
  readonly returnUrls: readonly string[];
  readonly origins: readonly string[];
  readonly createdAt: string;
  /** Its lists and secret come from the settings at each start. */
  readonly fromSettings: boolean;
}

export async function listApps(deps: Needs): Promise<ListedApp[]> {
  const first = await firstClientId(deps);
  return (await allApps(deps.db)).map((app) => ({
    clientId: app.client_id, name: app.name, accounts: Number(app.accounts), returnUrls: app.return_urls, origins: app.origins,
    createdAt: app.created_at.toISOString(), fromSettings: app.client_id === first,
  }));
}

/** The old secret ends at once: clients that have it are refused until they have the new one. */
export async function rotateSecret(deps: Needs, clientId: string, which: 'client' | 'signing'): Promise<string> {
  await requireOwn(deps, clientId, which === 'client' ? 'SUNDIAL_CLIENT_SECRET' : 'SUNDIAL_SIGNING_SECRET');
  const secret = randomToken();
  const kept = await deps.keys.encrypt(secret);
  await updateApp(deps.db, clientId, which === 'client' ? { client_secret: kept } : { signing_secret: kept });
  return secret;
}

export interface ListChange {
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** The list as it is after the change; without one, as it is. */
export async function changeOrigins(deps: Needs, clientId: string, change: ListChange): Promise<readonly string[]> {
  return changeList(deps, clientId, 'origins', 'SUNDIAL_ORIGINS', { add: change.add.map(requireOrigin), remove: change.remove.map((text) => parseOrigin(text) ?? text) });
}

export async function changeReturnUrls(deps: Needs, clientId: string, change: ListChange): Promise<readonly string[]> {
  return changeList(deps, clientId, 'return_urls', 'SUNDIAL_RETURN_URLS', { ...change, add: change.add.map(requireReturnUrl) });
}

async function changeList(deps: Needs, clientId: string, list: 'origins' | 'return_urls', setting: string, { add, remove }: ListChange): Promise<readonly string[]> {
  if (!add.length && !remove.length) return (await requireApp(deps, clientId))[list];
  const app = await requireOwn(deps, clientId, setting);
  const missing = remove.find((entry) => !app[list].includes(entry));
  if (missing !== undefined) throw new AppError('notFound', `${missing} is not on the list; it has ${app[list].join(', ') || 'nothing'}.`);
  const next = [...new Set([...app[list], ...add])].filter((entry) => !remove.includes(entry));
  await updateApp(deps.db, clientId, { [list]: next });
  return next;
}

async function requireApp(deps: Needs, clientId: string): Promise<AppRow> {
  const app = await appByClientId(deps.db, clientId);
  if (!app) throw notFound(`An application with the client id ${clientId}`);
  return app;
}

/** The next start would undo a change of what the settings describe. */
async function requireOwn(deps: Needs, clientId: string, setting: string): Promise<AppRow> {
  const app = await requireApp(deps, clientId);
  if (clientId === await firstClientId(deps)) throw new AppError('conflict', `This application comes from the settings; change ${setting} and start the server again.`);
  return app;
}

function requireOrigin(text: string): string {
  const origin = parseOrigin(text);
  if (!origin) throw invalid('origin', `"${text}" is not an origin such as https://app.example.`);
  return origin;
}

function requireReturnUrl(text: string): string {
  if (!isReturnUrl(text)) throw invalid('return-url', `"${text}" is not an address such as https://app.example/return.`);
  return text;
}
