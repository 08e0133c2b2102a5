import fc, { type Arbitrary } from 'fast-check';
import { z } from 'zod';

/** As much of JSON Schema as the contract's shapes come to. */
interface JsonSchema {
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, JsonSchema>>;
}

/** Values of the running server by the name of the field that holds such, so that requests reach things that are there. */
export type Pool = Readonly<Record<string, readonly string[]>>;

/** What the contract allows in this place. Dates are near now, so that calendars and drips have work with them. */
export function validInput(schema: z.ZodType, pool: Pool, now: Date): Arbitrary<unknown> {
  const root = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  const build = (s: JsonSchema, name: string): Arbitrary<unknown> => {
    const known = pool[name]?.length ? fc.constantFrom(...pool[name]) : undefined;
    if (s.$ref) return build(root.$defs?.[s.$ref.replace('#/$defs/', '')] ?? {}, name);
    if (s.enum) return known ?? fc.constantFrom(...s.enum);
    if (s.const !== undefined) return fc.constant(s.const);
    const either = s.anyOf ?? s.allOf;
    if (either) return fc.oneof(...either.map((one) => build(one, name)));
    switch (s.type) {
      case 'object': return object(s);
      case 'array': return fc.array(build(s.items ?? {}, name), { maxLength: 4 });
      case 'boolean': return fc.boolean();
      case 'integer': case 'number': {
        const min = Math.max(s.minimum ?? -10, -10);
        const small = fc.integer({ min, max: Math.max(min, Math.min(s.maximum ?? 400, min + 400)) });
        return known ? fc.oneof({ weight: 3, arbitrary: known.map(Number) }, { weight: 1, arbitrary: small }) : small;
      }
      case 'string': return known ? fc.oneof({ weight: 3, arbitrary: known }, { weight: 1, arbitrary: text(s) }) : text(s);
      default: return fc.jsonValue({ maxDepth: 2 });
    }
  };
  const object = (s: JsonSchema): Arbitrary<unknown> => {
    const properties = Object.fromEntries(Object.entries(s.properties ?? {}).map(([name, property]) => [name, build(property, name)]));
    // Few of the optional ones at a time: with all of them one is nearly always refused, and nothing behind it is reached.
    const declared = fc.tuple(...Object.entries(properties).map(([name, value]) => (s.required?.includes(name) ? value : fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: value }))))
      .map((values) => Object.fromEntries(Object.keys(properties).map((name, i) => [name, values[i]] as const).filter(([, value]) => value !== undefined)));
    if (!s.additionalProperties || s.additionalProperties === true) return declared;
    return fc.tuple(declared, fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), build(s.additionalProperties, ''), { maxKeys: 3 })).map(([own, more]) => ({ ...more, ...own }));
  };
  const text = (s: JsonSchema): Arbitrary<string> => {
    if (s.format === 'email') return fc.stringMatching(/^[a-z]{1,12}@[a-z]{1,8}\.test$/);
    if (s.format === 'date-time') return fc.integer({ min: -40, max: 60 * 24 * 4 }).map((quarters) => new Date(now.getTime() + quarters * 900_000).toISOString());
    if (s.format === 'date') return fc.integer({ min: -2, max: 60 }).map((days) => new Date(now.getTime() + days * 86_400_000).toISOString().slice(0, 10));
    if (s.pattern) return fc.stringMatching(new RegExp(s.pattern));
    return fc.string({ unit: 'grapheme', maxLength: Math.min(s.maxLength ?? 40, 40) }).filter((t) => !t.includes('\0'));
  };
  return build(root, '');
}

const nested = (depth: number): unknown => {
  let value: unknown = 'deep';
  for (let i = 0; i < depth; i++) value = [value];
  return value;
};

/** What nobody means to send: wrong types, bounds of types, texts that break parsers, names of JavaScript's own. */
export const HOSTILE: readonly unknown[] = [
  null, true, 0, -1, -0.5, 1e308, 2 ** 31, 2 ** 53, -(2 ** 63), '', ' ', '0', 'null', 'NaN', '\0', 'a\0b', '\ud800', '\udfff\ud800', '\u202e\u2066', '\r\nBcc: x@y.test', '\n.\r\n',
  '../../../etc/passwd', '%00', '%ZZ', '%', '\\', '"', '\'; DROP TABLE accounts; --', '<script>alert(1)</script>', '{{constructor}}', '${7*7}', 'x'.repeat(100_000), '💥'.repeat(5_000), 'a@'.repeat(1_000), `${'a.'.repeat(3_000)}@x`,
  '9999-12-31T23:59:59Z', '0000-01-01T00:00:00Z', '2026-02-30T00:00:00Z', '2026-01-01T00:00:00', '9999-12-31', '0000-01-01', '2026-13-01', 'P99999999Y', 'Mars/Base', '__proto__', 'constructor', 'hasOwnProperty',
  [], {}, [null], [[]], nested(500), { constructor: { prototype: { polluted: true } } }, JSON.parse('{"__proto__":{"polluted":true}}'), Array.from({ length: 2_000 }, (_, i) => i), { length: 1e9 },
];

/** Values by their path, to the leaves, without the root. */
function places(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== 'object' || value === null) return path.length ? [path] : [];
  return [...path.length ? [path] : [], ...Object.entries(value).flatMap(([key, inner]) => places(inner, [...path, Array.isArray(value) ? Number(key) : key]))];
}

function replaced(value: unknown, [key, ...rest]: readonly (string | number)[], by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value)) return value.map((inner, i) => (i === key ? replaced(inner, rest, by) : inner));
  return { ...(value as object), [key]: replaced((value as Record<string, unknown>)[key], rest, by) };
}

/** The same with one to three places spoiled, the whole among them. */
export const spoiled = (valid: Arbitrary<unknown>, names: readonly string[] = []): Arbitrary<unknown> =>
  fc.tuple(valid, fc.array(fc.tuple(fc.nat(), fc.constantFrom(...HOSTILE)), { minLength: 1, maxLength: 3 })).map(([value, spoils]) =>
    spoils.reduce<unknown>((now, [at, by]) => {
      const all = [...places(now), ...names.map((name) => [name])];
      return all.length ? replaced(now, all[at % all.length]!, by) : by;
    }, value));
