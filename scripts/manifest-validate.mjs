// Holds a manifest against Sundial's own rules, and asks Microsoft's service, which the Microsoft 365
// admin center asks too: `npm run manifest:validate [-- file] [--offline]`.
import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { validateManifest } from 'office-addin-manifest';
import { MANIFEST } from './manifest-text.mjs';
import { manifestProblems } from './manifest-rules.ts';
import { fail, root } from './setup.mjs';

function readOptions() {
  try {
    return parseArgs({ allowPositionals: true, options: { offline: { type: 'boolean' } } });
  } catch (error) {
    return fail(`${error.message}\n\nnpm run manifest:validate [-- file] [--offline]`);
  }
}

const { values, positionals: [file = MANIFEST] } = readOptions();
const path = resolve(root, file);
const name = relative(root, path);

function readText() {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return fail(`${name} cannot be read: ${error.message}`);
  }
}

const problems = manifestProblems(readText());
if (problems.length) fail([`${name}: ${problems.length === 1 ? 'one thing is' : `${problems.length} things are`} wrong.`, ...problems.map((p) => `  ${p}`)].join('\n'));
console.log(`${name}: Sundial's own rules find nothing wrong.`);
if (values.offline) {
  console.log('Microsoft’s service was not asked (--offline).');
} else {
  const issue = ({ title, content, line }) => `  ${[title, content].filter(Boolean).join(': ')}${line ? ` (line ${line})` : ''}`;
  const answer = await validateManifest(path).catch((error) => fail(`Microsoft's service could not be asked: ${String(error.message).split('\n').at(-1)}
It needs the internet (validationgateway.omex.office.net). Its verdict is open; --offline leaves it out.`));
  const { errors = [], warnings = [] } = answer.report ?? {};
  for (const warning of warnings) console.log(`Warning.${issue(warning)}`);
  if (!answer.isValid) fail([`Microsoft's service does not accept it (${answer.report?.status ?? `${answer.status} ${answer.statusText}`}).`, ...errors.map(issue)].join('\n'));
  console.log('Microsoft’s service accepts it.');
}
