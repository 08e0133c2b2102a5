// Writes the manifest of a deployment: `npm run manifest -- --url https://sundial.example.org`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { audienceOf, manifestFor, originOf } from './manifest-text.mjs';
import { fail, root } from './setup.mjs';

const USAGE = `npm run manifest -- --url https://host [--id GUID|new] [--out file | --stdout]

  --url     the address of your server, as Outlook reaches it
  --id      another identity for the add-in, for a second server beside a first one
  --out     where to write it; dist/manifest.xml if not said
  --stdout  writes it to the output instead (with npm run --silent)`;

function readOptions() {
  try {
    return parseArgs({ options: { url: { type: 'string' }, id: { type: 'string' }, out: { type: 'string' }, stdout: { type: 'boolean' }, help: { type: 'boolean' } } }).values;
  } catch (error) {
    return fail(`${error.message}\n\n${USAGE}`);
  }
}

const { url, id, out = 'dist/manifest.xml', stdout, help } = readOptions();
if (help) {
  console.log(USAGE);
} else {
  const origin = originOf(url);
  const text = manifestFor(origin, id);
  const path = resolve(root, out);
  if (stdout) {
    process.stdout.write(text);
  } else {
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    } catch (error) {
      fail(`The manifest could not be written to ${path}: ${error.message}`);
    }
    console.log(`${relative(root, path)}: Sundial at ${origin}, id ${/<Id>([^<]*)</.exec(text)[1]}`);
    console.log(`Set ADDIN_AUDIENCES=${audienceOf(origin)} on the server.`);
  }
}
