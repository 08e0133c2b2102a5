import fc from 'fast-check';
import { Parser } from 'htmlparser2';
import { describe, expect, it } from 'vitest';
import { renderHtml, renderLine, variablesOf } from '../../server/lib/template.ts';

describe('template variables', () => {
  it('fills values in, with or without spaces in the braces', () => {
    expect(renderHtml('<p>Hi {{firstName}}, {{ company }}</p>', { firstName: 'Ann', company: 'Acme' })).toEqual({ text: '<p>Hi Ann, Acme</p>', missing: [] });
  });

  it('names every missing variable once and leaves it as written; an empty value is missing too', () => {
    expect(renderHtml('{{a}} {{b}} {{ a }} {{c}}', { b: '1', c: ' ' })).toEqual({ text: '{{a}} 1 {{ a }} {{c}}', missing: ['a', 'c'] });
  });

  it('leaves what is no variable alone', () => {
    for (const text of ['{{}}', '{{ }}', '{{1a}}', '{{a b}}', '{name}', '{{#if x}}', '{{a}', '{{{{']) expect(renderHtml(text, { a: 'x', b: 'y' })).toEqual({ text, missing: [] });
  });

  it('does not take inherited members for values', () => {
    expect(renderHtml('{{constructor}} {{__proto__}}', {}).missing).toEqual(['constructor', '__proto__']);
  });

  it('does not read variables out of a value', () => {
    expect(renderHtml('{{a}}', { a: '{{b}}', b: 'secret' }).text).toBe('{{b}}');
  });

  it('lists the variables that a text uses', () => {
    expect(variablesOf('{{x}} {{ y.z }} {{x}}')).toEqual(['x', 'y.z']);
  });

  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom('<', '>', '"', '\'', '&', '</p>', '<script>', 'javascript:', '\r\n', '\n', 'Bcc: x@evil.test', '<!--', '-->', ']]>', '{{x}}', 'é')).map((parts) => parts.join('')),
  );

  it('lets no value add an element, an attribute or a comment to the HTML', () => {
    const shape = (html: string): string[] => {
      const seen: string[] = [];
      const parser = new Parser({
        onopentag: (name, attributes) => { if (name !== 'br') seen.push(`<${name} ${Object.keys(attributes).join(' ')}`); },
        onclosetag: (name) => { if (name !== 'br') seen.push(`/${name}`); },
        oncomment: () => seen.push('comment'),
        onprocessinginstruction: () => seen.push('pi'),
      });
      parser.end(html);
      return seen;
    };
    const template = '<p title="{{x}}">Hi <b>{{x}}</b></p>';
    fc.assert(fc.property(hostile, (x) => {
      expect(shape(renderHtml(template, { x }).text)).toEqual(shape(template));
    }), { numRuns: 500 });
  });

  it('lets no value break a subject into a second line', () => {
    fc.assert(fc.property(hostile, (x) => {
      // eslint-disable-next-line no-control-regex
      expect(renderLine('Re: {{x}}', { x }).text).not.toMatch(/[\u0000-\u001f\u007f\u2028\u2029]/);
    }), { numRuns: 500 });
  });
});
