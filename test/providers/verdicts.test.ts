import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { MailSource } from '../../server/lib/mime-reader.ts';
import { judge } from '../../server/providers/hosted/verdicts.ts';
import type { ProviderDeps } from '../../server/providers/provider.ts';

const records: Readonly<Record<string, string>> = {
  'bank.test': 'v=spf1 -all',
  '_dmarc.bank.test': 'v=DMARC1; p=reject',
  's._domainkey.bank.test': 'v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDwIRP/UC3SBsEmGqZ9ZJW3/DkMoGeLnQg1fWn7/zYtIxN2SnFCjxOCKG9v3b4jYfcTNh5ijSsq631uBItLa7od+v/RtdC2UzJ1lWT947qR+Rcac2gbto/NMqJ0fzfVjH4OuKhitdY9tf6mcwGjaNBcWToIMmPSPDdQPNUYckcQ2QIDAQAB',
};
const deps = {
  hostedDomains: ['hosted.test'],
  resolveDns: async (name: string, type: string) => {
    if (type === 'TXT' && records[name]) return [[records[name]]];
    throw Object.assign(new Error('nothing'), { code: 'ENOTFOUND' });
  },
} as unknown as ProviderDeps;
const signature = 'DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=bank.test; s=s; h=from:subject; bh=AAAA; b=AAAA\r\n';
const envelope = { from: 'x@bank.test', remoteAddress: '192.0.2.7', helo: 'x.test', internal: false };
const message = (signatures: number, body: string): MailSource => {
  const raw = Buffer.from(`${signature.repeat(signatures)}From: a@bank.test\r\nSubject: x\r\n\r\n${body}`);
  return { size: raw.length, pieces: async function* () { yield raw; } };
};

/** The most of its own processor time that this thread spent between two turns of the event loop, in milliseconds. */
async function longestTurn(work: Promise<unknown>): Promise<number> {
  const spent = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  let going = true;
  void work.finally(() => (going = false));
  let longest = 0;
  for (let last = spent(); going;) {
    await turn();
    const now = spent();
    longest = Math.max(longest, now - last);
    last = now;
  }
  return longest;
}

describe('judging mail', () => {
  it.each([['small', 'x\r\n'], ['large', 'a line of text\r\n'.repeat(20_000)]])('finds a message that is %s to fail the policy of the domain it claims', async (_name, body) => {
    expect(await judge(deps, message(1, body), envelope)).toMatchObject({ spf: 'fail', dmarc: 'fail', policy: 'reject' });
    expect(await judge(deps, message(0, body), envelope)).toMatchObject({ spf: 'fail', dkim: 'none', dmarc: 'fail', policy: 'reject' });
  });

  it.each([['spaces without end', 1, ' '.repeat(9_900_000)], ['many signatures', 20, 'a  b \r\n'.repeat(1_300_000)]])('holds nothing up over %s', async (_name, signatures, body) => {
    expect(await longestTurn(judge(deps, message(signatures, body), envelope))).toBeLessThan(200);
  });
});
