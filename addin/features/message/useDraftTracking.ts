import { useCallback, useEffect, useRef, useState } from 'react';
import type { ComposeItem } from '../../office/compose.ts';
import { roaming, setRoaming } from '../../office/settings.ts';
import { isStale, usePane } from '../pane.ts';
import { keptLinks, readDraft, rearm, restoreLinks, track, untrack, untrackedLinks, type TrackedLinks } from './draft-tracking.ts';
import { FIRST_CHOICE, LAST_CHOICE, parseChoice, type TrackedDraft, type TrackingOptions } from './tracked-draft.ts';

const LINK_CHECK_MS = 6000;
/** Outlives a change of tab: the message keeps its rewritten links, and Restore must still know the old ones. */
const linksOfDraft = new Map<string, TrackedLinks>();

export interface DraftTracking {
  readonly state: 'loading' | 'working' | 'off' | 'on';
  readonly options: TrackingOptions;
  readonly draft: TrackedDraft | null;
  /** The switch went on by itself, because the last new message was tracked. */
  readonly asLastTime: boolean;
  readonly failure: unknown;
  readonly plainText: boolean;
  readonly recipients: number;
  readonly links: { readonly tracked: number; readonly fresh: number };
  readonly set: (on: boolean) => Promise<void>;
  readonly change: (options: TrackingOptions) => Promise<void>;
  readonly restore: () => Promise<void>;
  readonly trackFresh: () => Promise<void>;
  readonly retry: () => void;
  /** For a follow-up, which needs to recognise the sent message: tracks replies at least. */
  readonly ensure: () => Promise<TrackedDraft>;
}

/**
 * The tracking switch of the message that is being written. `allowed`: what the organisation's policy
 * permits, and whether new messages start tracked by it for who has not chosen yet.
 */
export function useDraftTracking(item: ComposeItem, allowed: { opens: boolean; replies: boolean; byDefault: boolean }): DraftTracking {
  const { api, config } = usePane();
  const [state, setState] = useState<DraftTracking['state']>('loading');
  const [draft, setDraft] = useState<TrackedDraft | null>(null);
  const [options, setOptions] = useState<TrackingOptions>(() => lastChoice()?.options ?? FIRST_CHOICE);
  const [asLastTime, setAsLastTime] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const [plainText, setPlainText] = useState(false);
  const [recipients, setRecipients] = useState(0);
  const [fresh, setFresh] = useState(0);
  const [tracked, setTracked] = useState(0);
  /** What failed last, for Try again. */
  const lastTry = useRef<{ wanted: TrackingOptions; before: TrackedDraft | null } | 'off'>('off');

  const permitted = useCallback((wanted: TrackingOptions): TrackingOptions => ({
    opens: wanted.opens && allowed.opens, replies: wanted.replies && allowed.replies, links: wanted.links && allowed.opens,
  }), [allowed.opens, allowed.replies]);

  const apply = useCallback(async (wanted: TrackingOptions, before: TrackedDraft | null): Promise<TrackedDraft> => {
    setState('working');
    setFailure(null);
    try {
      const made = await track(item, api, permitted(wanted), before);
      if (made.links) linksOfDraft.set(made.draft.draftId, mergeLinks(linksOfDraft.get(made.draft.draftId), made.links));
      setTracked(linksOfDraft.get(made.draft.draftId)?.count ?? 0);
      setFresh(0);
      setDraft(made.draft);
      setOptions(wanted);
      setState('on');
      return made.draft;
    } catch (error) {
      if (!isStale(error)) {
        setState(before ? 'on' : 'off');
        setFailure(error);
        lastTry.current = { wanted, before };
      }
      throw error;
    }
  }, [api, item, permitted]);

  useEffect(() => {
    let gone = false;
    const open = async () => {
      const [stored, type] = await Promise.all([readDraft(item), item.bodyType()]);
      if (gone) return;
      setPlainText(type === 'text');
      if (stored) {
        setDraft(stored);
        setOptions(stored);
        setTracked(linksOfDraft.get(stored.draftId)?.count ?? 0);
        setState('on');
        await rearm(item, stored);
        if (!stored.links || type === 'text' || linksOfDraft.has(stored.draftId)) return;
        // Without them Restore would be gone; that they cannot be asked for now is no failure of the tracking.
        const kept = await keptLinks(item, api, stored).catch(() => null);
        if (gone || !kept?.count) return;
        linksOfDraft.set(stored.draftId, kept);
        setTracked(kept.count);
        return;
      }
      const last = lastChoice();
      const start = last ?? { on: allowed.byDefault, options: FIRST_CHOICE };
      if (start.on && allowed.replies && (await item.composeType()) === 'newMail' && !gone) {
        await apply(start.options, null);
        setAsLastTime(last !== null);
      } else if (!gone) setState('off');
    };
    open().catch((error: unknown) => {
      if (gone || isStale(error)) return;
      setState((now) => (now === 'loading' ? 'off' : now));
      setFailure(error);
    });
    return () => { gone = true; };
  }, [item, api, apply, allowed.replies, allowed.byDefault]);

  useEffect(() => {
    const count = () => void item.recipients().then((all) => setRecipients(all.length), () => {});
    count();
    return item.onRecipientsChanged(count);
  }, [item]);

  const watchesLinks = state === 'on' && options.links && !plainText;
  useEffect(() => {
    if (!watchesLinks) return;
    const look = () => {
      if (document.visibilityState === 'hidden') return;
      void item.html().then((html) => setFresh(untrackedLinks(html, [config.publicUrl, location.origin])), () => {});
    };
    look();
    const timer = setInterval(look, LINK_CHECK_MS);
    return () => clearInterval(timer);
  }, [watchesLinks, item, config.publicUrl]);

  const restore = async () => {
    const links = draft && linksOfDraft.get(draft.draftId);
    if (!draft || !links) return;
    await item.setHtml(restoreLinks(await item.html(), links));
    linksOfDraft.delete(draft.draftId);
    setTracked(0);
    await apply({ ...options, links: false }, draft);
    remember(true, { ...options, links: false });
  };

  const turnOff = async () => {
    setState('working');
    setFailure(null);
    try {
      const links = draft && linksOfDraft.get(draft.draftId);
      if (draft && links) {
        await item.setHtml(restoreLinks(await item.html(), links));
        linksOfDraft.delete(draft.draftId);
      }
      await untrack(item);
      setDraft(null);
      setTracked(0);
      setState('off');
    } catch (error) {
      if (isStale(error)) return;
      setState('on');
      setFailure(error);
      lastTry.current = 'off';
    }
  };

  const quietly = async (work: Promise<unknown>) => {
    await work.catch(() => {});
  };

  return {
    state, options, draft, asLastTime, failure, plainText, recipients,
    links: { tracked, fresh },
    set: async (on) => {
      setAsLastTime(false);
      remember(on, options);
      if (on) await quietly(apply(options, draft));
      else await turnOff();
    },
    change: async (next) => {
      if (!next.opens && !next.replies && !next.links) return turnOff();
      if (options.links && !next.links && tracked) return quietly(restore());
      remember(true, next);
      await quietly(apply(next, draft));
    },
    restore: () => quietly(restore()),
    trackFresh: () => quietly(apply(options, draft)),
    retry: () => {
      const last = lastTry.current;
      void (last === 'off' ? turnOff() : quietly(apply(last.wanted, last.before)));
    },
    ensure: async () => draft ?? apply({ opens: false, replies: true, links: false }, null),
  };
}

function mergeLinks(before: TrackedLinks | undefined, now: TrackedLinks): TrackedLinks {
  const originals = new Map([...(before?.originals ?? []), ...now.originals]);
  return { count: originals.size, originals };
}

const lastChoice = (): ReturnType<typeof parseChoice> => roaming(LAST_CHOICE, parseChoice);

const remember = (on: boolean, options: TrackingOptions): void => setRoaming(LAST_CHOICE, JSON.stringify({ on, ...options }));
