// npm test, and npm run test:postgres: the same set-up as npm start, then every check.
import { ensureBuilt, ensureInstalled, nodeBinary, run, step } from './setup.mjs';

ensureInstalled();
ensureBuilt();
const node = nodeBinary();
if (process.argv[2] === 'postgres') {
  step('API, provider and reliability tests on Postgres');
  run(node, ['scripts/with-postgres.mjs', node, 'node_modules/vitest/vitest.mjs', 'run', '--project', 'api'], 'Tests failed on Postgres.');
} else {
  step('Types');
  run(node, ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.json'], 'The types do not hold.');
  step('Lint');
  run(node, ['node_modules/eslint/bin/eslint.js', '.'], 'Lint found something.');
  step('Tests of the server and the add-in');
  run(node, ['node_modules/vitest/vitest.mjs', 'run', '--project', 'api', '--project', 'addin'], 'Tests failed.');
  // By themselves: they hold what a person waits for against a clock.
  step('Tests in Chromium');
  run(node, ['node_modules/vitest/vitest.mjs', 'run', '--project', 'browser'], 'Tests in Chromium failed.');
}
