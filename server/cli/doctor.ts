import { resolve as resolveName } from 'node:dns/promises';
import type { Stops } from '../assemble.ts';
import { createFetch } from '../net/fetch.ts';
import { checkDatabase } from './checks/database.ts';
import type { Finding } from './checks/finding.ts';
import { checkHost } from './checks/host.ts';
import { checkMail } from './checks/mail.ts';
import { checkWeb } from './checks/web.ts';
import { table, type Command } from './command.ts';

export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'Look at settings, database, queues, DNS, mail, TLS and disk, and say what to do',
  takes: [],
  options: {},
  async run({ config }) {
    const stops: Stops = [];
    try {
      const { findings, deps } = await checkDatabase(config, stops);
      const all: Finding[] = [
        { check: 'settings', status: 'ok', says: `${config.mode} mode, role ${config.role}; every setting can be read.` },
        ...await checkHost(config),
        ...findings,
        ...await checkMail(config, deps?.domains.all ?? config.smtp.hostedDomains, (name, type) => resolveName(name, type)),
        ...await checkWeb(config, deps?.fetch ?? createFetch({ allow: config.egressAllow, plainHttp: [] }), fetch),
      ];
      return { data: all, text: report(all), failed: all.some(({ status }) => status === 'fail') };
    } finally {
      for (const stop of stops.reverse()) await stop();
    }
  },
};

function report(findings: readonly Finding[]): string {
  const lines = table(findings.map(({ status, check, says }) => [status.padEnd(4), check, says]));
  const count = (status: Finding['status']): number => findings.filter((f) => f.status === status).length;
  return [
    ...findings.flatMap(({ todo }, i) => (todo ? [lines[i]!, `      ${todo}`] : [lines[i]!])),
    '',
    `${count('ok')} ok, ${count('warn')} to look at, ${count('fail')} wrong.`,
  ].join('\n');
}
