import fc from 'fast-check';
import { parse, type DefaultTreeAdapterMap } from 'parse5';
import { describe, expect, it } from 'vitest';
import { messagePage, notConfiguredPage, signInPage, type SignInForm } from '../../server/features/auth/pages.ts';

type Node = DefaultTreeAdapterMap['node'];

/** Names of all elements and their attributes, in order: what a value could add to. */
function shape(html: string): string[] {
  const walk = (node: Node): string[] => [
    ...('tagName' in node ? [`${node.tagName} ${node.attrs.map((a) => a.name).join(' ')}`] : []),
    ...('childNodes' in node ? node.childNodes.flatMap(walk) : []),
  ];
  return walk(parse(html));
}

const form = (text: string): SignInForm => ({
  appName: text, returnHost: text, asking: { host: text, linkedTo: text }, joins: text, flow: text, email: `a${text}`, password: `b${text}`, problem: `c${text}`,
  others: [{ email: text, href: text }],
});

/** Texts with the characters that leave an attribute, an element or a script. */
const hostile = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', '/', '`', '=', ' ', 'script', '</script>', '<!--', ']]>', ' ', ' onload=') }));

describe('the pages of the sign-in', () => {
  it('gain no element and no attribute by any value', () => {
    fc.assert(fc.property(hostile, (text) => {
      expect(shape(signInPage(form(text)))).toEqual(shape(signInPage(form('x'))));
      const other = (t: string) => notConfiguredPage({ label: t, needs: t, working: [{ label: t, href: t }], cancelHref: `h${t}` });
      expect(shape(other(text))).toEqual(shape(other('x')));
      const message = (t: string) => messagePage({ status: 'error', error: t, errorMessage: t, state: t }, [t]);
      expect(shape(message(text))).toEqual(shape(message('x')));
    }));
  });

  it('hand over every outcome as it is', () => {
    fc.assert(fc.property(hostile, (text) => {
      const html = messagePage({ status: 'success', state: text }, ['https://a.test']);
      const data = /<script type="application\/json" id="result">([\s\S]*?)<\/script>/.exec(html)![1]!;
      expect(JSON.parse(data)).toEqual({ outcome: { status: 'success', state: text }, origins: ['https://a.test'] });
    }));
  });
});
