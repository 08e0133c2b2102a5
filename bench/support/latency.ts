import { Client } from 'undici';
import { median } from './goal.ts';

/** One request after the other, by turns over several kinds, so that a noisy moment hits all kinds alike. */
export interface Latency {
  readonly url: string;
  readonly kinds: Readonly<Record<string, { readonly path: string; readonly headers: Record<string, string> }>>;
  readonly rounds: number;
}

/** Median milliseconds to the whole answer, by kind. */
export type LatencyResult = Record<string, number>;

const input = JSON.parse(process.argv[2]!) as Latency;
const client = new Client(input.url);
const times: Record<string, number[]> = {};
/** Until both sides, WebAssembly too, run what their compilers make of code that is used often; with few, what is asked first looks slower than what is asked after it. */
const WARM_UP = 150;
for (let round = -WARM_UP; round < input.rounds; round++) {
  for (const [kind, { path, headers }] of Object.entries(input.kinds)) {
    const started = performance.now();
    const { statusCode, body } = await client.request({ method: 'GET', path, headers });
    const text = await body.text();
    if (statusCode !== 200) throw new Error(`${kind}: ${statusCode} ${text.slice(0, 300)}`);
    if (round >= 0) (times[kind] ??= []).push(performance.now() - started);
  }
}
await client.close();
console.log(JSON.stringify(Object.fromEntries(Object.entries(times).map(([kind, list]) => [kind, median(list)])) satisfies LatencyResult));
