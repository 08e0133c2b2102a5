// The manifest of a deployment, out of the one in the repository.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fail, root } from './setup.mjs';

export const MANIFEST = join(root, 'manifest.xml');
/** The address that the manifest in the repository names. */
const ORIGIN = 'https://localhost:3000';
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/** The origin of a server, out of what a person wrote; ends with one line that says what would be right. */
export function originOf(text) {
  if (!text) fail('--url is missing: say the address of the server, as --url https://sundial.example.org.');
  if (!URL.canParse(text)) fail(`--url ${text} is no address; write it as https://sundial.example.org.`);
  const url = new URL(text);
  if (url.protocol !== 'https:') fail(`--url ${text}: Outlook takes https only; write it as https://${url.host || 'sundial.example.org'}.`);
  if (url.username || url.password) fail(`--url ${url.host}: a manifest is read by everybody, so it holds no user name and no password.`);
  if (url.pathname !== '/' || url.search || url.hash) fail(`--url ${text}: Sundial's pages are at the root of their host; write it as ${url.origin}.`);
  return url.origin;
}

/** `id`: a GUID, `new` for a random one, nothing for the one of the repository. */
export function manifestFor(origin, id) {
  if (id !== undefined && id !== 'new' && !GUID.test(id)) fail(`--id ${id} is no GUID; leave it out, or write --id new for a new one.`);
  const text = readFileSync(MANIFEST, 'utf8').replaceAll(ORIGIN, origin);
  return id === undefined ? text : text.replace(/<Id>[^<]*<\/Id>/, `<Id>${id === 'new' ? randomUUID() : id}</Id>`);
}

/** What the server must be told so that Exchange's identity tokens for this manifest count. */
export const audienceOf = (origin) => `${origin}/addin/taskpane.html`;
