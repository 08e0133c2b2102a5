import type { Verdict } from '../../db/tables/tracking.ts';

/** What is known of one load of a pixel or one visit of a tracked link, and of what happened around it. */
export interface Hit {
  readonly type: 'open' | 'click';
  readonly method: string;
  readonly userAgent: string;
  readonly referrer: string;
  /** Sec-Purpose, Purpose, X-Purpose and X-Moz joined; empty where none was sent. */
  readonly purpose: string;
  readonly selfMark: 'session' | 'viewing' | 'purged' | null;
  /** Negative: before the send. Null: the message is not known to be sent. */
  readonly secondsAfterSend: number | null;
  /** The sender's own trackOpensAfterSendDelay, seconds. */
  readonly opensAfterSeconds: number;
  /** Many links of this message were followed around this moment, and this hit is of those who did. */
  readonly inSweep: boolean;
}

export interface Judgement {
  readonly verdict: Verdict;
  /** One plain sentence; the pane shows it under "Why?". */
  readonly reason: string;
  /** The mail program or service, where it is known. */
  readonly client: string | null;
}

interface Rule {
  readonly name: string;
  readonly test: (hit: Hit) => boolean;
  readonly verdict: Verdict;
  readonly reason: string | ((hit: Hit) => string);
  readonly client: string | null;
}

/** This many links in this many seconds is a filter that follows everything; people pick. */
export const SWEEP_LINKS = 3;
export const SWEEP_SECONDS = 30;

/** Gmail's prefetch names itself so, word for word; no living browser does. */
const GMAIL_PREFETCH = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0';

const agent = (pattern: RegExp) => (hit: Hit): boolean => pattern.test(hit.userAgent);
const browser = (pattern: RegExp) => (hit: Hit): boolean => /^Mozilla\/5\.0 \(.+\) /.test(hit.userAgent) && pattern.test(hit.userAgent);
const through = (host: RegExp) => (hit: Hit): boolean => URL.canParse(hit.referrer) && host.test(new URL(hit.referrer).hostname);

const MAIL_SECURITY = /mimecast|proofpoint|barracuda|safe ?links|fireeye|trellix|symantec|messagelabs|trend ?micro|ironport|cisco|forcepoint|zscaler|sophos|checkpoint|avanan|cloudmark|fortinet|spamassassin|urlscan|virustotal|google-safety|ms-edge-security|office365 atp/i;
const LINK_PREVIEW = /microsoft office (existence|protocol) discovery|bingpreview|skypeuripreview|slackbot|slack-imgproxy|twitterbot|facebookexternalhit|linkedinbot|whatsapp|telegrambot|discordbot|applebot|googleother|google-read-aloud|embedly|iframely/i;
const TOOL = /^(curl|wget|python|aiohttp|go-http-client|okhttp|java\/|apache-httpclient|libwww-perl|ruby|node|undici|axios|got |postmanruntime|httpie|php|guzzlehttp|dart|winhttp)|headlesschrome|phantomjs|puppeteer|playwright|selenium|\b\w*(bot|crawler|spider|scanner)\b/i;

/**
 * The table, first match wins. What the sender says of himself comes first, then what a program says of
 * itself, then behaviour, then what mail programs and proxies are known to send. No row looks at an
 * address, and none at speed alone: half of the people in one office share both. What no row knows is
 * `unknown`: it is shown, but never counted as a person.
 */
export const RULES: readonly Rule[] = [
  { name: 'purged', test: (h) => h.selfMark === 'purged', verdict: 'self', reason: 'You marked your own views.', client: null },
  { name: 'session', test: (h) => h.selfMark === 'session', verdict: 'self', reason: 'It came from the browser that you use Sundial in.', client: null },
  { name: 'head', test: (h) => h.method === 'HEAD', verdict: 'machine', reason: 'It asked whether the address exists, without loading it; people\'s programs load it.', client: null },
  { name: 'prefetch', test: (h) => /prefetch|prerender|preview/i.test(h.purpose), verdict: 'machine', reason: 'The program said that it was loading ahead of the reader.', client: null },
  { name: 'gmailPrefetch', test: (h) => h.userAgent === GMAIL_PREFETCH, verdict: 'machine', reason: 'Gmail loads images ahead of the reader under this name.', client: 'Gmail' },
  { name: 'draft', test: (h) => h.secondsAfterSend !== null && h.secondsAfterSend < 0, verdict: 'self', reason: 'It was loaded while the message was still being written.', client: null },
  { name: 'unsent', test: (h) => h.secondsAfterSend === null, verdict: 'unknown', reason: 'The message was not known to be sent yet.', client: null },
  { name: 'tooEarly', test: (h) => h.type === 'open' && h.secondsAfterSend !== null && h.secondsAfterSend < h.opensAfterSeconds, verdict: 'machine', reason: (h) => `It came ${Math.floor(h.secondsAfterSend!)} s after sending; opens in the first ${h.opensAfterSeconds} s are not counted.`, client: null },
  { name: 'security', test: agent(MAIL_SECURITY), verdict: 'machine', reason: 'A mail filter checked it.', client: 'Mail filter' },
  { name: 'googleProxy', test: agent(/GoogleImageProxy/), verdict: 'proxy', reason: 'Gmail loads images for its readers when they open a message, and hides where they are.', client: 'Gmail' },
  { name: 'yahooProxy', test: agent(/YahooMailProxy/), verdict: 'proxy', reason: 'Yahoo loads images for its readers when they open a message, and hides where they are.', client: 'Yahoo Mail' },
  { name: 'preview', test: agent(LINK_PREVIEW), verdict: 'machine', reason: 'A program looked at the address to make a preview or to see what is there.', client: null },
  { name: 'tool', test: agent(TOOL), verdict: 'machine', reason: 'A program without a person made this request.', client: null },
  { name: 'sweep', test: (h) => h.inSweep, verdict: 'machine', reason: `As filters do, it followed ${SWEEP_LINKS} or more links within ${SWEEP_SECONDS} seconds.`, client: 'Mail filter' },
  { name: 'viewing', test: (h) => h.selfMark === 'viewing', verdict: 'self', reason: 'You were looking at the sent message at that moment.', client: null },
  { name: 'appleProxy', test: (h) => h.userAgent === 'Mozilla/5.0', verdict: 'unknown', reason: 'Apple Mail loads images by itself, read or not.', client: 'Apple Mail' },
  { name: 'outlook', test: agent(/Microsoft Outlook|ms-office; MSOffice|Microsoft Office\/1\d|MacOutlook|Outlook-(iOS|Android)/), verdict: 'human', reason: 'Outlook blocks images until its reader asks for them.', client: 'Outlook' },
  { name: 'outlookWeb', test: through(/(^|\.)outlook\.(com|office\.com|office365\.com|live\.com)$|^outlook\.cloud\.microsoft$/), verdict: 'human', reason: 'It came from Outlook on the web.', client: 'Outlook on the web' },
  { name: 'thunderbird', test: agent(/Thunderbird\//), verdict: 'human', reason: 'Thunderbird blocks images until its reader asks for them.', client: 'Thunderbird' },
  { name: 'appleMail', test: browser(/\((Macintosh|iPhone|iPad).*AppleWebKit\/[\d.]+ \(KHTML, like Gecko\)( Mobile\/\w+)?$/), verdict: 'human', reason: 'Apple Mail loaded it without its privacy proxy.', client: 'Apple Mail' },
  { name: 'edge', test: browser(/Edg(A|iOS)?\//), verdict: 'human', reason: 'A browser with a person\'s usual signs loaded it.', client: 'Edge' },
  { name: 'firefox', test: browser(/(Firefox|FxiOS)\/\d/), verdict: 'human', reason: 'A browser with a person\'s usual signs loaded it.', client: 'Firefox' },
  { name: 'chrome', test: browser(/(Chrome|CriOS)\/\d/), verdict: 'human', reason: 'A browser with a person\'s usual signs loaded it.', client: 'Chrome' },
  { name: 'safari', test: browser(/Version\/[\d.]+ .*Safari\//), verdict: 'human', reason: 'A browser with a person\'s usual signs loaded it.', client: 'Safari' },
];

const UNRECOGNISED: Judgement = { verdict: 'unknown', reason: 'Nothing told whether a person or a program loaded it.', client: null };

export function judge(hit: Hit): Judgement {
  const rule = RULES.find((r) => r.test(hit));
  return rule ? { verdict: rule.verdict, reason: typeof rule.reason === 'string' ? rule.reason : rule.reason(hit), client: rule.client } : UNRECOGNISED;
}

/** The verdicts that an open or click count is made of. */
export const COUNTED: readonly Verdict[] = ['human', 'proxy'];

export interface TimedClick {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly linkId: number;
  /** Who, as far as visits are taken together. */
  readonly by: string;
}

/**
 * Finds the moments at which a program was sweeping: those that lie, with visits of SWEEP_LINKS different
 * links, within SWEEP_SECONDS. A later visit so also tells what an earlier hit of the same program was.
 * `clicks` are in the order of their times; the work grows with their number, not with its square.
 */
export function findSweeps(clicks: readonly TimedClick[]): (at: number, by: string) => boolean {
  const span = SWEEP_SECONDS * 1000;
  const intervals = new Map([...Map.groupBy(clicks, (c) => c.by)].map(([by, own]) => [by, sweepIntervals(own, span)] as const));
  return (at, by) => (intervals.get(by) ?? []).some(([from, to]) => from <= at && at <= to);
}

/** The moments as intervals that do not touch, in their order. */
function sweepIntervals(clicks: readonly TimedClick[], span: number): [number, number][] {
  const found: [number, number][] = [];
  const seen = new Map<number, number>();
  let end = 0;
  for (const [start, first] of clicks.entries()) {
    while (seen.size < SWEEP_LINKS && end < clicks.length) {
      const { linkId } = clicks[end++]!;
      seen.set(linkId, (seen.get(linkId) ?? 0) + 1);
    }
    if (seen.size < SWEEP_LINKS) break;
    const reached = clicks[end - 1]!.at;
    if (reached - first.at <= span) {
      const interval: [number, number] = [reached - span, first.at + span];
      const last = found.at(-1);
      if (last && interval[0] <= last[1]) last[1] = Math.max(last[1], interval[1]);
      else found.push(interval);
    }
    const left = seen.get(clicks[start]!.linkId)! - 1;
    if (left) seen.set(first.linkId, left);
    else seen.delete(first.linkId);
  }
  return found;
}
