import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commands } from '../../server/cli/commands.ts';

const root = join(import.meta.dirname, '../..');
const text = readFileSync(join(root, 'docs/operation.md'), 'utf8');

describe('docs/operation.md', () => {
  it('has every command of the operator, and no other', () => {
    const named = [...text.matchAll(/`((?:app|account|domain|jobs|keys) [a-z-]+|doctor)`/g)].map((m) => m[1]!);
    expect([...new Set(named)].sort()).toEqual(commands.map((c) => c.name).sort());
  });

  it('names settings that exist', () => {
    const known = new Set(readFileSync(join(root, 'server/config.ts'), 'utf8').match(/^ {2}([A-Z_]+)(?=:)/gm)?.map((line) => line.trim()));
    const named = [...text.matchAll(/\b([A-Z]+(?:_[A-Z]+)+)\b/g)].map((m) => m[1]!);
    // Of compose.yaml.
    expect(named.filter((name) => !known.has(name) && name !== 'POSTGRES_PASSWORD')).toEqual([]);
  });

  it('says what to do about every alert, and about no other', () => {
    const alerts = [...readFileSync(join(root, 'ops/prometheus/alerts.yaml'), 'utf8').matchAll(/alert: (\w+)/g)].map((m) => m[1]!);
    const named = [...text.matchAll(/\bSundial[A-Z]\w+/g)].map((m) => m[0]);
    expect([...new Set(named)].sort()).toEqual(alerts.sort());
  });

  it('links to files that are there', () => {
    for (const [, path] of text.matchAll(/\]\((?!https?:)([^)]+)\)/g)) expect(readFileSync(join(root, 'docs', path!), 'utf8').length).toBeGreaterThan(0);
  });
});
