import { DEAD_LETTERS, type WhichDead } from '../jobs/dead.ts';
import type { Jobs, QueueFigures } from '../jobs/jobs.ts';
import { table, UsageError, type Args, type Command, type Option } from './command.ts';

const MOST = 1000;
const ID: Option = { value: 'id', about: 'this job, as jobs list --dead names it', multiple: true };
const QUEUE: Option = { value: 'queue', about: 'all of this queue but those that ended their process' };
const ALL: Option = { about: 'all but those that ended their process' };

function chosen(args: Args): WhichDead {
  const [ids, queue] = [args.texts('id'), args.text('queue')];
  if ([ids.length > 0, queue !== undefined, args.flag('all')].filter(Boolean).length !== 1) throw new UsageError('Say which: --id <id>, --queue <queue> or --all. sundial jobs list --dead shows them.');
  return ids.length ? { ids } : { queue };
}

async function figuresOf(jobs: Jobs): Promise<[number, QueueFigures[]]> {
  const all = await jobs.figures();
  return [all.find((q) => q.queue === DEAD_LETTERS)?.waiting ?? 0, all.filter((q) => q.queue !== DEAD_LETTERS && q.waiting + q.running > 0)];
}

const time = (at: Date): string => `${at.toISOString().slice(0, 16).replace('T', ' ')}Z`;
const jobsOf = (count: number): string => (count === 1 ? '1 job' : `${count} jobs`);

export const jobsCommands: readonly Command[] = [
  {
    name: 'jobs list',
    summary: 'Show what waits in the queues; with --dead the jobs that were given up, and why',
    takes: [],
    options: { dead: { about: 'the jobs that were given up, newest first' } },
    async run(cli, args) {
      const { jobs } = await cli.deps({ jobs: true });
      if (args.flag('dead')) {
        const dead = await jobs.deadLetters(MOST);
        return {
          data: dead,
          text: dead.length
            ? [...table([['ID', 'QUEUE', 'ENQUEUED', 'GIVEN UP', 'REQUEST ID', 'LAST ERROR'], ...dead.map((d) => [d.id, d.queue ?? '', time(d.enqueuedAt), time(d.givenUpAt), d.requestId, d.error])]), '', 'When the cause is mended, jobs retry does them again; jobs discard forgets them.'].join('\n')
            : 'No job was given up.',
        };
      }
      const [dead, queues] = await figuresOf(jobs);
      return {
        data: { queues, dead },
        text: [
          ...(queues.length ? table([['QUEUE', 'WAITING', 'DUE', 'RUNNING', 'OLDEST DUE'], ...queues.map((q) => [q.queue, String(q.waiting), String(q.due), String(q.running), `${Math.round(q.age)} s`])]) : ['Nothing waits.']),
          dead ? `${jobsOf(dead)} given up; jobs list --dead shows why.` : 'No job was given up.',
        ].join('\n'),
      };
    },
  },
  {
    name: 'jobs retry',
    summary: 'Put jobs that were given up back into work, with all their attempts before them',
    takes: [],
    options: { id: ID, queue: QUEUE, all: ALL },
    async run(cli, args) {
      const which = chosen(args);
      const deps = await cli.deps({ jobs: true });
      const retried = await deps.jobs.retryDead(which);
      const when = deps.config.databaseUrl ? 'a running worker takes them within seconds' : 'they run when the server is started';
      return answer({ retried }, retried, retried ? `${jobsOf(retried)} put back; ${when}.` : NONE, which);
    },
  },
  {
    name: 'jobs discard',
    summary: 'Forget jobs that were given up: what they were for does not happen',
    takes: [],
    options: { id: ID, queue: QUEUE, all: ALL },
    async run(cli, args) {
      const which = chosen(args);
      const { jobs } = await cli.deps({ jobs: true });
      const discarded = await jobs.discardDead(which);
      return answer({ discarded }, discarded, discarded ? `${jobsOf(discarded)} forgotten.` : NONE, which);
    },
  },
];

const NONE = 'There is no such job; sundial jobs list --dead shows those that there are.';

/** One that was named and is not there is a mistake; an empty list is none. */
const answer = (data: Readonly<Record<string, number>>, done: number, text: string, which: WhichDead) =>
  ({ data, text, failed: 'ids' in which && done < which.ids.length });
