import fc from 'fast-check';
import { parse, serialize } from 'parse5';
import { describe, expect, it } from 'vitest';
import { codesIn, markUp, newCode, optOutHtml, pixelHtml } from '../../server/features/tracking/markup.ts';

const host = 'https://mail.example';
const code = newCode();
const both = { code, pixel: true, optOut: true, links: true, keep: new Set<string>() };
const added = optOutHtml(host, code) + pixelHtml(host, code);

describe('marking up a message', () => {
  it('changes nothing but the links and the end of the body, letter for letter', () => {
    const html = '<!--[if mso]><table><tr><td><![endif]-->\r\n<HTML xmlns:o="urn:x"><body Lang=EN><p class=MsoNormal>a &nbsp;<o:p></o:p>\n<A title=x HREF=https://a.test/?x=1&y=2 target="_blank">A</A></body>\n</HTML><!-- end -->';
    const { html: out, links } = markUp(host, html, both);
    expect(links).toMatchObject([{ url: 'https://a.test/?x=1&y=2', label: 'A' }]);
    expect(out).toBe(html.replace('HREF=https://a.test/?x=1&y=2', `href="${host}/l/${links[0]!.code}"`).replace('</body>', `${added}</body>`));
  });

  it('leaves mailto, tel, anchors, scripts, relative and our own addresses alone', () => {
    const html = ['mailto:a@b.test', 'tel:+49', '#top', 'javascript:alert(1)', '/rel', 'ftp://a.test/', `${host}/o/${newCode()}`, `${host}/l/${newCode()}`, 'https://', '']
      .map((href) => `<a href="${href}">x</a>`).join('');
    expect(markUp(host, html, { ...both, pixel: false, optOut: false })).toEqual({ html, links: [] });
  });

  it('takes the visible text as the label, of an image its description', () => {
    const { links } = markUp(host, '<a href="https://a.test"> The <b>big</b>\n offer </a><a href="https://b.test"><img alt="Logo"></a><map><area href="https://c.test"></map>', both);
    expect(links.map((l) => l.label)).toEqual(['The big offer', 'Logo', '']);
  });

  it('puts the pixel where it is seen, also behind markup that was never closed', () => {
    for (const html of ['', 'text', '<p>open', '<table><tr><td>x', '<!-- open', '<textarea>x', '<style>x', '<body><script>x', '<div><title>x', '<select><option>x', '<svg><desc>x', '<noscript>x', '<template>x']) {
      expect(codesIn(host, markUp(host, html, both).html)).toMatchObject({ pixels: [code], optOuts: [code] });
    }
  });

  it('keeps what any mail program writes: without our additions the document reads as before', () => {
    const piece = fc.constantFrom('<p>', '</p>', '<div style="a:b">', '</div>', '<a href="https://x.test/?a=1&amp;b">', '</a>', '<table>', '<tr><td>', '</table>', '<!--[if gte mso 9]>x<![endif]-->', '<br/>', '&nbsp;', 'text', '<b><i>', '</b></i>', '<o:p></o:p>', '<img src="cid:1">', '<blockquote>', '</blockquote>');
    fc.assert(fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const html = pieces.join('');
      const { html: out, links } = markUp(host, html, { ...both, pixel: false, optOut: false });
      const back = links.reduce((text, link) => text.replace(`href="${host}/l/${link.code}"`, 'href="https://x.test/?a=1&amp;b"'), out);
      expect(back).toBe(html);
      expect(links).toHaveLength(pieces.filter((p) => p.startsWith('<a ')).length);
      expect(serialize(parse(back))).toBe(serialize(parse(html)));
    }));
  });

  it('does not mind 20,000 nested elements', () => {
    expect(codesIn(host, markUp(host, '<div>'.repeat(20_000), both).html).pixels).toEqual([code]);
  });

  it('says the opt-out line in the message\'s language', () => {
    expect(optOutHtml(host, code, 'de')).toContain('Das abschalten');
    expect(added.length).toBeLessThan(1000);
    expect(added).not.toMatch(/style=/);
  });

  it('makes codes of 128 bits that never repeat', () => {
    const codes = Array.from({ length: 1000 }, newCode);
    expect(new Set(codes).size).toBe(1000);
    expect(codes.every((c) => /^[\w-]{22}$/.test(c))).toBe(true);
  });
});
