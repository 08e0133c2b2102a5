import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../server/config.ts';
import { isReturnUrl, parseOrigin } from '../../server/lib/web-address.ts';

describe('an origin of an application', () => {
  it('is a scheme, a host and perhaps a port, and comes out as browsers write it', () => {
    expect(['https://app.example', 'https://app.example/', 'https://App.Example', 'http://localhost:3000', 'https://app.example:443'].map(parseOrigin))
      .toEqual(['https://app.example', 'https://app.example', 'https://app.example', 'http://localhost:3000', undefined]);
  });

  it('is never null, a wildcard, a path, a user or anything that browsers do not send', () => {
    for (const text of ['null', '*', 'https://*', 'myapp://return', 'file:///', 'data:text/html,x', 'javascript:1', 'blob:https://a.test/1', 'https://a.test/path', 'https://a.test;script-src', 'https://a.test/;script-src *', 'https://user@a.test', 'https://a.test#x', 'https://a.test?x', 'https://a.test\\', ' https://a.test', '//a.test', '']) {
      expect([text, parseOrigin(text)]).toEqual([text, undefined]);
    }
  });

  it('holds no character that could end a directive or a list of the policy it goes into', () => {
    fc.assert(fc.property(fc.oneof(fc.webUrl(), fc.string().map((s) => `https://${s}`)), (text) => {
      expect(parseOrigin(text) ?? '').toMatch(/^(https?:\/\/[^\s;,'"/]+)?$/);
    }));
  });

  it('stops the start where it is wrong', () => {
    expect(() => parseConfig({ SUNDIAL_ORIGINS: 'myapp://x' })).toThrow(/SUNDIAL_ORIGINS/);
    expect(() => parseConfig({ SUNDIAL_RETURN_URLS: 'javascript:alert(1)' })).toThrow(/SUNDIAL_RETURN_URLS/);
    expect(parseConfig({ SUNDIAL_ORIGINS: 'https://a.test/ https://b.test', SUNDIAL_RETURN_URLS: 'https://a.test/r?x=1 com.example.app:/return' }).application)
      .toMatchObject({ origins: ['https://a.test', 'https://b.test'], returnUrls: ['https://a.test/r?x=1', 'com.example.app:/return'] });
  });
});

describe('a return URL of an application', () => {
  it('may be any address a browser goes to, or an app\'s own scheme', () => {
    for (const text of ['https://a.test/return', 'https://a.test/r?keep=1', 'http://127.0.0.1:3000/r', 'com.example.app:/return']) expect([text, isReturnUrl(text)]).toEqual([text, true]);
  });

  it('runs nothing, shows nothing by itself, and is whole', () => {
    for (const text of ['javascript:alert(1)', 'JavaScript:alert(1)', 'java\nscript:alert(1)', 'data:text/html,x', 'vbscript:x', 'blob:https://a.test/x', 'file:///etc', 'about:blank', 'https://a.test/#', 'https://a.test/#x', 'https://user:pw@a.test/', 'https://a.test@evil.test/', 'https://*.a.test/', 'https://a.test\\@evil.test/', '/relative', '//a.test/', '']) {
      expect([text, isReturnUrl(text)]).toEqual([text, false]);
    }
  });
});
