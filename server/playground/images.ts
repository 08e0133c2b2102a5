import { request } from 'undici';
import type { Deps } from '../deps.ts';
import type { Client } from './contract.ts';

/** What a mail program says of itself when it fetches; the production rules judge exactly this. */
const AGENTS: Record<Client, string> = {
  outlook: 'Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Win64; x64; Trident/7.0; .NET4.0C; .NET4.0E; Microsoft Outlook 16.0.17928; ms-office; MSOffice 16)',
  gmail: 'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)',
  apple: 'Mozilla/5.0',
  // A person behind a gateway reads in a browser.
  filter: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36',
};
/** Gateways of this kind name themselves; others are known only by how they go through a message. */
const SCANNER_AGENT = 'Barracuda Sentinel (EE)';

const MOST_BYTES = 500_000;
const MOST_IMAGES = 30;
const TIMEOUT_MS = 5_000;

/**
 * Loads a message's remote images with the program's own requests; answers data URLs by address. `cookie`
 * is what the reader's browser holds for this server and sends to no other.
 */
export async function loadImages(deps: Deps, client: Client, urls: readonly string[], cookie?: string): Promise<Map<string, string>> {
  const loaded = await Promise.all(urls.slice(0, MOST_IMAGES).map(async (url) => [url, await fetchImage(deps, url, AGENTS[client], cookie)] as const));
  return new Map(loaded.filter((entry): entry is readonly [string, string] => entry[1] !== undefined));
}

/** A gateway looks at every address of the message within a moment: asking first, then fetching. */
export async function scan(deps: Deps, images: readonly string[], links: readonly string[]): Promise<void> {
  const ours = (url: string): boolean => url.startsWith(`${deps.config.publicUrl}/`);
  await Promise.all([...links.filter(ours), ...images.filter(ours)].map(async (url) => {
    await ownRequest(url, 'HEAD', SCANNER_AGENT).catch(() => undefined);
    await ownRequest(url, 'GET', SCANNER_AGENT).catch(() => undefined);
  }));
}

async function fetchImage(deps: Deps, url: string, agent: string, cookie: string | undefined): Promise<string | undefined> {
  try {
    // Our own addresses are on loopback, which the guarded way out rightly refuses for all others.
    const { status, type, body } = url.startsWith(`${deps.config.publicUrl}/`)
      ? await ownRequest(url, 'GET', agent, cookie)
      : await deps.fetch(url, { headers: { 'user-agent': agent }, maxBytes: MOST_BYTES, timeout: TIMEOUT_MS })
        .then((r) => ({ status: r.status, type: String(r.headers['content-type'] ?? ''), body: r.body }));
    if (status !== 200 || !/^image\/(png|gif|jpeg|webp)\b/.test(type) || body.length > MOST_BYTES) return undefined;
    return `data:${type.split(';')[0]};base64,${body.toString('base64')}`;
  } catch (error) {
    deps.log.debug({ err: error }, 'an image of a playground message could not be loaded');
    return undefined;
  }
}

async function ownRequest(url: string, method: 'GET' | 'HEAD', agent: string, cookie?: string): Promise<{ status: number; type: string; body: Buffer }> {
  const answer = await request(url, { method, headers: { 'user-agent': agent, accept: method === 'GET' ? 'image/avif,image/webp,*/*' : '*/*', ...(cookie ? { cookie } : {}) }, signal: AbortSignal.timeout(TIMEOUT_MS) });
  return { status: answer.statusCode, type: String(answer.headers['content-type'] ?? ''), body: Buffer.from(await answer.body.arrayBuffer()) };
}
