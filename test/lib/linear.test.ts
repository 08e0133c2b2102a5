import { describe, expect, it } from 'vitest';
import { readMeetingReply } from '../../server/lib/ical.ts';
import { removeImages, stripQuotedHtml, stripQuotedText } from '../../server/lib/html-quote.ts';
import { textToHtml } from '../../server/lib/html.ts';
import { classifyAutomatic, readAwayUntil, readReport } from '../../server/lib/mime-report.ts';
import { renderHtml, variablesOf } from '../../server/lib/template.ts';
import { oneLine } from '../../server/lib/text.ts';
import { readTerms } from '../../server/providers/hosted/search.ts';

/** What a pattern may begin to match, over and over, and never finish. */
const BEGINNINGS = [
  'a', ' ', '\n', '\t', '-', '=', '<', '>', '"', '\'', '{', '{{', '{{ ', 'a@', 'a.', 'until ', 'until 1 ', 'return to the office on ', 'on ', '> ', 'On x wrote', '--- ', '-- original message', '\n ', '\r\n ', ':', ';',
  'ATTENDEE', 'ATTENDEE;PARTSTAT="', ':mailto:', ':mailto:a', 'METHOD:', '2.2', '1.1.', 'x-a:', 'rfc822;', 'Action: failed\n', '\n\n', 'a b', '"x" ', '-from:', 'auto ', 'out of ', '&', 'Message-ID: <', '<a', '< ', 'border: none;',
];
const LENGTH = 200_000;

const readers: Readonly<Record<string, (text: string) => unknown>> = {
  'an out-of-office answer': (s) => readAwayUntil(s, new Date('2026-11-21T00:00:00Z')),
  'the signs of a robot': (s) => classifyAutomatic({ headers: [{ name: 'Auto-Submitted', value: s }, { name: 'Precedence', value: s }], subject: s, text: s, nullSender: true, isReport: false }),
  'a delivery report': (s) => readReport(s, s, []),
  'the fields of a delivery report': (s) => readReport(`Action: failed\nStatus: ${s}\nFinal-Recipient: rfc822;${s}\nDiagnostic-Code: ${s}`, `Message-ID: ${s}`, []),
  'an answer to an invitation': (s) => readMeetingReply(`METHOD:REPLY\r\nUID:1\r\n${s}\r\nATTENDEE;PARTSTAT=ACCEPTED${s}:mailto:${s}`),
  'quoted text': (s) => stripQuotedText(`${s}\n> x`),
  'quoted HTML': (s) => stripQuotedHtml(`<div style="border:none${s}" class="${s}">${s}`),
  'images': (s) => removeImages(s, 'https://x.test/t/'),
  'text as HTML': textToHtml,
  'one line': (s) => oneLine(s, 2000),
  'a search': readTerms,
  'a template': (s) => [variablesOf(s), renderHtml(s, { a: 'b' })],
};

describe('text from outside', () => {
  it.each(Object.entries(readers))('is read as %s in a moment, however it is made', (_name, read) => {
    for (const beginning of BEGINNINGS) {
      const before = process.cpuUsage();
      read(beginning.repeat(Math.ceil(LENGTH / beginning.length)));
      const { user, system } = process.cpuUsage(before);
      // Of the processor's time: 200 kB take some milliseconds, and a pattern that goes back and forth minutes.
      expect((user + system) / 1000, JSON.stringify(beginning)).toBeLessThan(1000);
    }
  });
});
