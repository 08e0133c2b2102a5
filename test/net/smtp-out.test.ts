import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSmtpOut } from '../../server/net/smtp-out.ts';
import { startSmtpSink, type SmtpSink } from '../support/smtp-sink.ts';

describe('a relay that says nothing', () => {
  let sink: SmtpSink;
  beforeEach(async () => {
    sink = await startSmtpSink();
  });
  afterEach(() => sink.close());

  const deliver = (text = 'Subject: x\r\n\r\nx\r\n') => createSmtpOut({ own: () => Promise.reject(new Error('none')), relayUrl: sink.url, name: 'hosted.test', silence: 300 })
    .deliver('relay', { from: 'a@hosted.test', to: 'b@away.example' }, (async function* () {
      yield Buffer.from(text);
    })());

  it.each(['greeting', 'rcpt'] as const)('where its %s answer is due has taken nothing: it is tried again later', async (at) => {
    sink.faults = [{ at, answer: 'nothing' }];
    expect(await deliver()).toMatchObject({ outcome: 'postponed', status: '4.4.1' });
    expect(sink.seen()).toBe(0);
    expect(await deliver()).toMatchObject({ outcome: 'taken' });
  });

  it('after the final dot may have it: nobody knows, and that is what is said', async () => {
    sink.faults = [{ at: 'dot', answer: 'nothing' }];
    expect(await deliver()).toMatchObject({ outcome: 'unknown' });
    expect(sink.seen()).toBe(1);
  });
});
