import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { delivery } from './delivery.ts';
import { mailbox } from './mailbox.ts';
import { memory } from './memory.ts';
import { pixel } from './pixel.ts';
import { slots } from './slots.ts';
import type { Result } from './support/goal.ts';
import { closeAll } from './support/processes.ts';
import { statistics } from './statistics.ts';
import { token } from './token.ts';

/**
 * npm run bench [-- pixel slots ...] [-- --date 2026-11-21]: measures the goals and ends by itself. A
 * run of all writes bench/results.md. A goal that is missed is named there; it fails nothing.
 */
const goals: Readonly<Record<string, () => AsyncIterable<Result>>> = { pixel, slots, mailbox, statistics, delivery, token, memory };

const { values, positionals } = parseArgs({ allowPositionals: true, options: { date: { type: 'string' } } });
const unknown = positionals.find((name) => !Object.hasOwn(goals, name));
if (unknown !== undefined) {
  console.error(`There is no goal ${unknown}; there are ${Object.keys(goals).join(', ')}.`);
  process.exit(2);
}
const results: Result[] = [];
try {
  for (const name of positionals.length ? positionals : Object.keys(goals)) {
    console.log(name);
    const told = (result: Result): void => {
      results.push(result);
      console.log(`  ${result.met ? 'met   ' : 'MISSED'} ${result.goal}: ${result.measured} (${result.wanted})`);
    };
    try {
      for await (const result of goals[name]!()) told(result);
    } catch (error) {
      // The others are measured all the same.
      told({ goal: name, wanted: 'ends', measured: (error as Error).message, met: false });
      await closeAll();
    }
  }
} finally {
  await closeAll();
}
if (!positionals.length) writeFileSync(join(import.meta.dirname, 'results.md'), page(results, values.date ?? new Date().toISOString().slice(0, 10)));

function page(list: readonly Result[], date: string): string {
  const missed = list.filter((r) => !r.met);
  return `# What Sundial does in a second

Measured by \`npm run bench\` on ${date}, on a machine with ${cpus().length} cores (${cpus()[0]!.model.trim()}), Node ${process.version}, with
load, server, baseline and database sharing them. Ratios come from one run and carry over to other machines; milliseconds and rates do not.

| goal | wanted | measured | |
|---|---|---|---|
${list.map((r) => `| ${r.goal} | ${r.wanted} | ${r.measured} | ${r.met ? 'met' : '**missed**'} |`).join('\n')}

${missed.length ? `Missed: ${missed.map((r) => r.goal).join('; ')}.` : 'Every goal is met.'}
`;
}
