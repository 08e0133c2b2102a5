// npm test and the longer suites (npm run test:postgres, test:screens, test:faults): the same set-up as npm start,
// then the checks.
import { ensureBuilt, ensureInstalled, nodeBinary, run, step } from './setup.mjs';

ensureInstalled();
ensureBuilt();
const node = nodeBinary();
const vitest = (...projects) => ['node_modules/vitest/vitest.mjs', 'run', ...projects.flatMap((project) => ['--project', project])];

const suites = {
  postgres() {
    step('API, provider and reliability tests on Postgres');
    run(node, ['scripts/with-postgres.mjs', node, ...vitest('api')], 'Tests failed on Postgres.');
  },
  screens() {
    step('Every screen in every state, and hostile mail, in Chromium');
    run(node, vitest('screens'), 'A screen is not as it should be.');
  },
  faults() {
    step('Kills, lost databases, full disks and hostile input');
    run(node, vitest('faults'), 'A fault did harm.');
  },
  default() {
    step('Types');
    run(node, ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.json'], 'The types do not hold.');
    step('Lint');
    run(node, ['node_modules/eslint/bin/eslint.js', '.'], 'Lint found something.');
    step('Tests of the server and the add-in');
    run(node, vitest('api', 'addin'), 'Tests failed.');
    // By themselves: they hold what a person waits for against a clock.
    step('Tests in Chromium');
    run(node, vitest('browser'), 'Tests in Chromium failed.');
  },
};
const suite = process.argv[2] ?? 'default';
if (!Object.hasOwn(suites, suite)) {
  console.error(`There is no suite ${suite}; there are ${Object.keys(suites).join(', ')}.`);
  process.exit(2);
}
suites[suite]();
