import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { noteReply, templatesRepliedWith, templateStandsIn } from '../../addin/features/message/replied-templates.ts';

const word = fc.stringMatching(/^[a-z]{3,9}$/);
const sentence = fc.array(word, { minLength: 4, maxLength: 9 }).map((words) => words.join(' '));

describe('whether a template stands in a draft', () => {
  it('is seen through filled-in fields, other markup and other white space, with words before and after', () => {
    fc.assert(fc.property(sentence, sentence, sentence, word, sentence, (greeting, first, second, name, own) => {
      const template = `<p>${greeting} {{firstName}},</p><p>${first}</p><p>${second} {{ topic }}</p>`;
      const draft = `<div class="x">${own}</div><p class="MsoNormal"><span>${greeting}\n ${name},</span></p><p>${first.replaceAll(' ', '&nbsp; ')}<o:p></o:p></p><p>${second} ${name}</p><blockquote>${own}</blockquote>`;
      expect(templateStandsIn(template, draft)).toBe(true);
    }));
  });

  it('is not seen in what shares none of its sentences', () => {
    expect(templateStandsIn('<p>Hello {{firstName}},</p><p>here are the prices that you asked for.</p>', '<p>Hello Bea,</p><p>no prices today.</p>')).toBe(false);
    expect(templateStandsIn('<p>{{text}}</p>', '<p>anything</p>')).toBe(false);
    expect(templateStandsIn('', '<p>anything</p>')).toBe(false);
  });

  it('goes by all of its pieces where each is short', () => {
    expect(templateStandsIn('<p>Hi {{name}}, thanks!</p>', '<p>Hi Bea, thanks!</p>')).toBe(true);
    expect(templateStandsIn('<p>Hi {{name}}, thanks!</p>', '<p>Hi Bea, no.</p>')).toBe(false);
  });
});

describe('the note of a reply', () => {
  beforeEach(() => localStorage.clear());

  it('is kept by conversation, and no longer than a week', () => {
    noteReply('thread-1', 4);
    noteReply('thread-1', 5);
    noteReply('thread-2', 6);
    noteReply(null, 7);
    expect(templatesRepliedWith('thread-1')).toEqual([4, 5]);
    expect(templatesRepliedWith('thread-2')).toEqual([6]);
    expect(templatesRepliedWith(null)).toEqual([]);
    vi.useFakeTimers({ now: Date.now() + 8 * 86_400_000 });
    expect(templatesRepliedWith('thread-1')).toEqual([]);
    vi.useRealTimers();
  });

  it.each(['', 'null', '{"a":1}', '[1,null,{"conversationId":3}]', 'no json'])('is none where something else lies in its place: %s', (stored) => {
    localStorage.setItem('sundial.repliedWith', stored);
    expect(templatesRepliedWith('thread-1')).toEqual([]);
    noteReply('thread-1', 4);
    expect(templatesRepliedWith('thread-1')).toEqual([4]);
  });

  it('is no error where there is no storage', () => {
    vi.stubGlobal('localStorage', undefined);
    noteReply('thread-1', 4);
    expect(templatesRepliedWith('thread-1')).toEqual([]);
    vi.unstubAllGlobals();
  });
});
