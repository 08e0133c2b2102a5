import fc from 'fast-check';

/** What means something to SMTP, MIME, HTML, iCalendar, URLs or templates, beside plain noise. */
export const hostile = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(
    'a\r\nBcc: evil@x.test', 'a\nBcc: evil@x.test', 'a\rBcc: evil@x.test', '\r\n\r\nbody', 'x\r\n.\r\nMAIL FROM:<evil@x.test>', '\n.\n', '\r.\r',
    'evil@x.test', '<evil@x.test>', 'a, evil@x.test', 'a" <evil@x.test>, "b', 'x;evil@x.test', 'group: evil@x.test;', '(evil@x.test)', '\\"', '"', '=?utf-8?Q?a=0D=0ABcc:_evil=40x.test?=', '=?utf-8?B?DQpCY2M6IGV2aWxAeC50ZXN0?=',
    'a\u2028Bcc: evil@x.test', 'a\u0085Bcc: evil@x.test', 'a\u0000b', '\u202eevil', 'ünï@x.test', 'x; name="y"\r\nContent-Type: text/html', 'a.txt"; filename="b.exe', '--boundary', '../../etc/passwd', '{{name}}', '</p><script>alert(1)</script>', 'javascript:alert(1)', '\ud800', 'a'.repeat(1500), 'a '.repeat(900), 'ä'.repeat(600),
  ) },
  fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ unit: 'grapheme', maxLength: 60 }), fc.string({ maxLength: 60 }),
);
