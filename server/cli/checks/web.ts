import type { Config } from '../../config.ts';
import type { GuardedFetch } from '../../net/fetch.ts';
import { badIn, fail, ok, reasonOf, warn, type Finding } from './finding.ts';

const TIMEOUT_MS = 10_000;
/** Exchange tokens are taken with five minutes of skew; half of that is the time to mend it. */
const MOST_SKEW_SECONDS = 150;

/** This server as its clients reach it, and the Exchange servers whose tokens it takes. */
export async function checkWeb(config: Config, guardedFetch: GuardedFetch, ask: typeof fetch): Promise<Finding[]> {
  return [
    ...(config.role === 'worker' ? [] : [await checkPublicUrl(config, ask)]),
    config.metricsToken || config.mode === 'playground' ? ok('metrics', '/metrics is open to those it is meant for.') : warn('metrics', '/metrics answers loopback only.', 'Set METRICS_TOKEN if Prometheus comes from elsewhere or over a proxy on this machine.'),
    ...await Promise.all(config.exchangeMetadataUrls.map((url) => checkExchange(config, url, guardedFetch))),
    ...(config.exchangeMetadataUrls.length && !config.addinAudiences.length ? [fail('exchange', 'EXCHANGE_METADATA_URLS is set, ADDIN_AUDIENCES is not: no token can be taken.', `Set ADDIN_AUDIENCES=${config.publicUrl}/addin/taskpane.html, the first SourceLocation of the manifest.`)] : []),
  ];
}

async function checkPublicUrl(config: Config, ask: typeof fetch): Promise<Finding> {
  const check = 'public url';
  try {
    const answer = await ask(`${config.publicUrl}/healthz`, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (answer.status !== 200 || await answer.text() !== 'ok\n') return badIn(config, check, `${config.publicUrl}/healthz answers ${answer.status}, and not as Sundial does.`, 'Let the reverse proxy pass every path to this server.');
    const date = Date.parse(answer.headers.get('date') ?? '');
    const skew = Math.abs(date - Date.now()) / 1000;
    if (skew > MOST_SKEW_SECONDS) return warn(check, `${config.publicUrl} answers, but its clock differs by ${Math.round(skew)} s.`, 'Set the clocks by NTP; sign-in tokens of Exchange are refused after five minutes.');
    return ok(check, `${config.publicUrl} leads here.`);
  } catch (error) {
    const reason = reasonOf(error);
    const isTls = /certificate|self.signed|altname|TLS|SSL/i.test(reason);
    return badIn(config, check, `${config.publicUrl} cannot be reached (${reason}).`, isTls ? 'Outlook and mail programs want a certificate that they trust: mend it at the reverse proxy.' : 'Start the server, and check DNS, the firewall and the reverse proxy. From inside, some networks cannot reach their own outside address.');
  }
}

async function checkExchange(config: Config, url: string, guardedFetch: GuardedFetch): Promise<Finding> {
  const check = `exchange ${new URL(url).hostname}`;
  try {
    const answer = await guardedFetch(url, { timeout: TIMEOUT_MS });
    const { keys } = JSON.parse(answer.body.toString()) as { keys?: unknown[] };
    if (answer.status !== 200 || !keys?.length) throw new Error(`it answers ${answer.status} and no keys`);
    return ok(check, `Its metadata has ${keys.length} signing key${keys.length === 1 ? '' : 's'}.`);
  } catch (error) {
    const todo = error instanceof Error && /private|not public|EGRESS_ALLOW/i.test(reasonOf(error)) ? 'It has a private address: add its range to EGRESS_ALLOW.' : 'Open the address in a browser of this machine; it must answer JSON over https with a trusted certificate.';
    return fail(check, `${url} cannot be used (${reasonOf(error)}).`, todo);
  }
}
