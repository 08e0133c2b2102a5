import autocannon from 'autocannon';

/** HTTP load from a process of its own: each connection asks for the paths in turn, beginning at another one. */
export interface Load {
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  readonly paths: readonly string[];
  readonly headers: Record<string, string>;
}

export interface LoadResult {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly failed: number;
}

const load = JSON.parse(process.argv[2]!) as Load;
const requests = load.paths.map((path) => ({ method: 'GET' as const, path, headers: load.headers }));
let clients = 0;
const done = await autocannon({
  url: load.url, connections: load.connections, duration: load.seconds, requests,
  setupClient: (client) => {
    const first = (clients++ * 37) % requests.length;
    client.setRequests([...requests.slice(first), ...requests.slice(0, first)]);
  },
});
console.log(JSON.stringify({
  perSecond: done['2xx'] / done.duration, p50: done.latency.p50, p99: done.latency.p99,
  failed: done.non2xx + done.errors + done.timeouts,
} satisfies LoadResult));
