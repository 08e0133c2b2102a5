// npm test and the longer suites (npm run test:postgres, test:screens, test:faults): the same set-up as npm start,
// then the checks.
import { ensureBuilt, ensureInstalled, nodeBinary, run, step } from './setup.mjs';

await ensureInstalled();
await ensureBuilt();
const node = nodeBinary();
const vitest = (...projects) => ['node_modules/vitest/vitest.mjs', 'run', ...projects.flatMap((project) => ['--project', project])];

const suites = {
  async postgres() {
    step('API, provider and reliability tests on Postgres');
    await run(node, ['scripts/with-postgres.mjs', node, ...vitest('api')], 'Tests failed on Postgres.');
  },
  async screens() {
    step('Every screen in every state, and hostile mail, in Chromium');
    await run(node, vitest('screens'), 'A screen is not as it should be.');
  },
  async faults() {
    step('Kills, lost databases, full disks and hostile input');
    await run(node, vitest('faults'), 'A fault did harm.');
  },
  async default() {
    step('Types');
    await run(node, ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.json'], 'The types do not hold.');
    step('Lint');
    await run(node, ['node_modules/eslint/bin/eslint.js', '.'], 'Lint found something.');
    step('Tests of the server and the add-in');
    await run(node, vitest('api', 'addin'), 'Tests failed.');
    // By themselves: they hold what a person waits for against a clock.
    step('Tests in Chromium');
    await run(node, vitest('browser'), 'Tests in Chromium failed.');
  },
};
const suite = process.argv[2] ?? 'default';
if (!Object.hasOwn(suites, suite)) {
  console.error(`There is no suite ${suite}; there are ${Object.keys(suites).join(', ')}.`);
  process.exit(2);
}
await suites[suite]();
