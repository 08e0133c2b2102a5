/** Numbers from a seed, the same on every machine (mulberry32): a message that broke something can be made again. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (most: number): number => Math.floor(next() * most);
  return { below, pick: (list) => list[below(list.length)]!, chance: (share) => next() < share };
}

export interface Random {
  /** A whole number from 0 to most - 1. */
  below(most: number): number;
  pick<T>(list: readonly T[]): T;
  chance(share: number): boolean;
}

type Mutation = (raw: Buffer, random: Random) => Buffer;

const latin = (raw: Buffer, change: (text: string) => string): Buffer => Buffer.from(change(raw.toString('latin1')), 'latin1');
const headOf = (text: string): number => /\r?\n\r?\n/.exec(text)?.index ?? text.length;
const insert = (raw: Buffer, at: number, what: Buffer): Buffer => Buffer.concat([raw.subarray(0, at), what, raw.subarray(at)]);

const CHARSETS = ['utf-8', 'utf-16', 'utf-7', 'iso-8859-1', 'windows-1252', 'iso-2022-jp', 'gb18030', 'x-unknown', '', '\0', 'us-ascii\r\n\tx', 'a'.repeat(3000), 'koi8-r', 'base64'];
const ENCODINGS = ['base64', 'quoted-printable', '7bit', '8bit', 'binary', 'x-uuencode', 'BASE64 ', ''];

/** What happens to mail on its way, and what people who mean ill do to it. */
const MUTATIONS: Readonly<Record<string, Mutation>> = {
  bits(raw, random) {
    const copy = Buffer.from(raw);
    if (copy.length) for (let n = random.below(60) + 1; n; n--) copy[random.below(copy.length)]! ^= 1 << random.below(8);
    return copy;
  },
  cutTail: (raw, random) => raw.subarray(0, random.below(raw.length + 1)),
  cutHead: (raw, random) => raw.subarray(random.below(raw.length + 1)),
  cutMiddle(raw, random) {
    const from = random.below(raw.length + 1);
    return Buffer.concat([raw.subarray(0, from), raw.subarray(from + random.below(400))]);
  },
  doubleHeader: (raw, random) => latin(raw, (text) => {
    const lines = text.slice(0, headOf(text)).split(/\r?\n/);
    const line = random.pick(lines.filter((l) => !/^received:/i.test(l)).concat('Subject: again'));
    return `${`${line}\r\n`.repeat(1 + random.below(20))}${text}`;
  }),
  longHeader: (raw, random) => latin(raw, (text) => `${random.pick(['Subject', 'To', 'References', 'X-Long', 'Content-Type', 'Message-ID', 'Date', 'From'])}: ${random.pick(['x', '<a@b.test> ', '=?utf-8?Q?=C3=A4?= ', '"', ';a=b', '(', ',']).repeat(random.below(5000))}\r\n${text}`),
  boundary: (raw, random) => latin(raw, (text) => random.chance(0.5)
    ? text.replace(/boundary="?[^";\r\n]*"?/i, random.pick(['boundary=', 'boundary="', 'boundary="x y"', `boundary=${'b'.repeat(2000)}`, 'boundary=a; boundary=b', "boundary*0=a; boundary*1*=utf-8''%00"]))
    : text.replace(/^--/gm, () => (random.chance(0.3) ? '-' : '--'))),
  charset: (raw, random) => latin(raw, (text) => (/charset=/i.test(text) ? text.replace(/charset="?[^";\r\n]*"?/gi, () => `charset="${random.pick(CHARSETS)}"`) : `Content-Type: text/plain; charset=${random.pick(CHARSETS)}\r\n${text}`)),
  encoding: (raw, random) => latin(raw, (text) => (/^content-transfer-encoding:/im.test(text) ? text.replace(/^(content-transfer-encoding:)[^\r\n]*/gim, (_all, name: string) => `${name} ${random.pick(ENCODINGS)}`) : `Content-Transfer-Encoding: ${random.pick(ENCODINGS)}\r\n${text}`)),
  nest(raw, random) {
    const type = random.pick(['multipart/mixed', 'multipart/alternative', 'multipart/related', 'multipart/report; report-type=delivery-status', 'message/rfc822']);
    let inner = raw;
    for (let depth = 1 + random.below(12); depth; depth--) {
      inner = type === 'message/rfc822'
        ? Buffer.concat([Buffer.from(`Subject: outer ${depth}\r\nContent-Type: message/rfc822\r\n\r\n`), inner])
        : Buffer.concat([Buffer.from(`Subject: outer ${depth}\r\nContent-Type: ${type}; boundary=n${depth}\r\n\r\n--n${depth}\r\nContent-Type: ${random.pick(['message/rfc822', 'text/plain', 'text/html', 'message/delivery-status', 'application/octet-stream'])}\r\n\r\n`), inner, Buffer.from(random.chance(0.8) ? `\r\n--n${depth}--\r\n` : '')]);
    }
    return inner;
  },
  lineEnds(raw, random) {
    const end = random.pick(['\n', '\r', '\n\r', '\r\r\n', '\u000b', '\r\n\r\n']);
    return latin(raw, (text) => text.replace(/\r?\n/g, (found) => (random.chance(0.7) ? end : found)));
  },
  junk(raw, random) {
    const bytes = Buffer.from(Array.from({ length: 1 + random.below(2000) }, () => random.below(256)));
    return insert(raw, random.below(raw.length + 1), bytes);
  },
  nul: (raw, random) => insert(raw, random.below(raw.length + 1), Buffer.alloc(1 + random.below(50))),
  dots: (raw, random) => insert(raw, random.below(raw.length + 1), Buffer.from(random.pick(['\r\n.\r\r\n', '\n.\n', '\r.\r', '\r\n..\r\n', '.', '\r\n. \r\n', '\n..\n']))),
  longLine: (raw, random) => insert(raw, random.below(raw.length + 1), Buffer.from(random.pick(['x', ' ', '=', '<', '&amp;', '<div>', '[', 'a@b.test ']).repeat(random.below(20_000)))),
  repeat: (raw, random) => (raw.length < 10_000 ? Buffer.concat(Array.from({ length: 2 + random.below(3) }, () => raw)) : raw),
  html: (raw, random) => Buffer.concat([Buffer.from('Subject: html\r\nContent-Type: text/html\r\n\r\n'), Buffer.from(random.pick(['<b>', '<table><tr><td>', '<!--', '<a href="', '<style>', '<blockquote type="cite">', '&#x0;', '<svg><p>']).repeat(random.below(3000))), raw]),
};

const LARGE = 50_000;

export interface Mutated {
  readonly raw: Buffer;
  /** What was done to it, for whoever has to make it again. */
  readonly how: string;
}

/** One of the messages with one to four of these done to it; at most 400 kB. */
export function mutate(messages: ReadonlyMap<string, Buffer>, seed: number): Mutated {
  const random = seeded(seed);
  // The few very large ones are rare in a mailbox too, and would take most of the time here.
  let name = random.pick([...messages.keys()]);
  if (messages.get(name)!.length > LARGE && !random.chance(0.1)) name = random.pick([...messages.keys()]);
  const done: string[] = [];
  let raw = messages.get(name)!;
  for (let n = 1 + random.below(4); n; n--) {
    const mutation = random.pick(Object.keys(MUTATIONS));
    done.push(mutation);
    raw = MUTATIONS[mutation]!(raw, random).subarray(0, 400_000);
  }
  return { raw, how: `seed ${seed}: ${name}, ${done.join(', ')}` };
}
