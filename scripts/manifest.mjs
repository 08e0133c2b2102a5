// Writes dist/manifest.xml for a server: `npm run manifest -- https://sundial.example.org [--new-id]`.
// --new-id gives the add-in an identity of its own, for a second server beside a first one.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OfficeAddinManifest } from 'office-addin-manifest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const [address, ...flags] = process.argv.slice(2);
if (!address || !URL.canParse(address) || new URL(address).protocol !== 'https:') {
  console.error('Say the address of the server, as https://sundial.example.org; Outlook takes https only.');
  process.exit(1);
}
const out = join(root, 'dist/manifest.xml');
mkdirSync(dirname(out), { recursive: true });
writeFileSync(out, readFileSync(join(root, 'manifest.xml'), 'utf8').replaceAll('https://localhost:3000', new URL(address).origin));
if (flags.includes('--new-id')) await OfficeAddinManifest.modifyManifestFile(out, 'random');
const manifest = await OfficeAddinManifest.readManifestFile(out);
console.log(`dist/manifest.xml: ${manifest.displayName} ${manifest.version}, id ${manifest.id}`);
console.log(`Set ADDIN_AUDIENCES=${new URL(address).origin}/addin/taskpane.html on the server.`);
