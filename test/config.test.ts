import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError, parseConfig } from '../server/config.ts';

const production = {
  SUNDIAL_MODE: 'production', PUBLIC_URL: 'https://mail.example/', SUNDIAL_CLIENT_ID: 'c', SUNDIAL_CLIENT_SECRET: 's'.repeat(16),
  SUNDIAL_SIGNING_SECRET: 's'.repeat(16), SUNDIAL_KEYS: 'k'.repeat(43), DATABASE_URL: 'postgres://u:p@db/sundial',
};

describe('settings', () => {
  it('need nothing set for the playground, which binds to loopback', () => {
    expect(parseConfig({})).toMatchObject({ mode: 'playground', host: '127.0.0.1', port: 3000, publicUrl: 'http://127.0.0.1:3000' });
  });

  it.each([
    [{ PORT: 'many' }, 'PORT'],
    [{ PORT: '70000' }, 'PORT'],
    [{ SUNDIAL_MODE: 'demo' }, 'SUNDIAL_MODE'],
    [{ PUBLIC_URL: 'mail.example' }, 'PUBLIC_URL'],
    [{ DATABASE_URL: 'mysql://x' }, 'DATABASE_URL'],
    [{ SUNDIAL_ORIGINS: 'https://a.test nonsense' }, 'SUNDIAL_ORIGINS'],
    [{ DKIM_KEYS: 'example.test' }, 'DKIM_KEYS'],
    [{ HOST: '0.0.0.0' }, 'HOST'],
    [{ OFFICE_JS: 'npm' }, 'OFFICE_JS'],
    [{ HOSTED_DOMAINS: 'someone@example.test' }, 'HOSTED_DOMAINS'],
    [{ SUNDIAL_KEYS: 'too-short' }, 'SUNDIAL_KEYS'],
    [{ TRUSTED_PROXIES: 'proxy.example' }, 'TRUSTED_PROXIES'],
    [{ EGRESS_ALLOW: '10.0.0.0/99' }, 'EGRESS_ALLOW'],
    [{ EGRESS_ALLOW: 'intranet' }, 'EGRESS_ALLOW'],
  ])('stop the start where one is wrong: %o names %s', (env, name) => {
    expect(() => parseConfig(env)).toThrow(ConfigError);
    expect(() => parseConfig(env)).toThrow(name);
  });

  it('refuse production without its secrets, without https, and on the embedded database unless accepted by name', () => {
    expect(parseConfig(production)).toMatchObject({ mode: 'production', host: '0.0.0.0', publicUrl: 'https://mail.example' });
    expect(() => parseConfig({ ...production, SUNDIAL_KEYS: undefined })).toThrow('SUNDIAL_KEYS');
    // Nothing is signed with it yet, so nobody is made to invent one.
    expect(parseConfig({ ...production, SUNDIAL_SIGNING_SECRET: undefined }).application.signingSecret).toBeUndefined();
    expect(() => parseConfig({ ...production, PUBLIC_URL: 'http://mail.example' })).toThrow('https');
    expect(() => parseConfig({ ...production, DATABASE_URL: undefined })).toThrow('ACCEPT_EMBEDDED_DATABASE');
    expect(parseConfig({ ...production, DATABASE_URL: undefined, ACCEPT_EMBEDDED_DATABASE: 'true' }).databaseUrl).toBeUndefined();
  });

  it('let several processes share a Postgres in production, and nothing else', () => {
    expect(parseConfig(production).role).toBe('all');
    expect(parseConfig({ ...production, SUNDIAL_ROLE: 'worker' }).role).toBe('worker');
    expect(() => parseConfig({ ...production, SUNDIAL_ROLE: 'web', DATABASE_URL: undefined, ACCEPT_EMBEDDED_DATABASE: 'true' })).toThrow('SUNDIAL_ROLE');
    expect(() => parseConfig({ SUNDIAL_ROLE: 'worker', DATABASE_URL: production.DATABASE_URL })).toThrow('production mode');
    expect(() => parseConfig({ ...production, SUNDIAL_ROLE: 'mail' })).toThrow('SUNDIAL_ROLE');
  });

  it('take lists, separated by spaces or commas', () => {
    const config = parseConfig({ HOSTED_DOMAINS: 'One.test, two.test', SUNDIAL_KEYS: `${'k'.repeat(43)} ${'j'.repeat(43)}`, TRUSTED_PROXIES: 'loopback 10.0.0.0/8 ::1', EGRESS_ALLOW: '10.1.2.3,fd00::/8' });
    expect(config).toMatchObject({ trustedProxies: ['loopback', '10.0.0.0/8', '::1'], egressAllow: ['10.1.2.3', 'fd00::/8'] });
    expect(config.smtp.hostedDomains).toEqual(['one.test', 'two.test']);
    expect(config.keys?.split(' ')).toHaveLength(2);
  });

  it('are all in .env.example, and nothing else is', () => {
    const root = join(import.meta.dirname, '..');
    const example = new Set(readFileSync(join(root, '.env.example'), 'utf8').match(/^#?([A-Z_]+)(?==)/gm)?.map((line) => line.replace('#', '')));
    const declared = new Set(readFileSync(join(root, 'server/config.ts'), 'utf8').match(/^ {2}([A-Z_]+)(?=:)/gm)?.map((line) => line.trim()));
    expect([...example].sort()).toEqual([...declared].sort());
  });
});
