import { useEffect } from 'react';

const FOCUSABLE = 'button:not(:disabled), input:not(:disabled), select:not(:disabled), a[href]';

/**
 * Whoever presses Stop or Remove is left on a button that is gone. The focus then goes to what the same
 * card offers now, and not to the top of the page. A card that has gone itself keeps nothing: another
 * message was chosen, or another view has the focus at its heading.
 */
export function useKeptFocus(): void {
  useEffect(() => {
    let last: Element | null = null;
    let card: Element | null = null;
    const took = (event: FocusEvent) => {
      last = event.target instanceof Element ? event.target : null;
      card = last?.closest('section') ?? null;
    };
    const watcher = new MutationObserver(() => {
      if (!last || last.isConnected || !card?.isConnected || document.activeElement !== document.body) return;
      card.querySelector<HTMLElement>(FOCUSABLE)?.focus();
    });
    document.addEventListener('focusin', took);
    watcher.observe(document.body, { childList: true, subtree: true });
    return () => {
      document.removeEventListener('focusin', took);
      watcher.disconnect();
    };
  }, []);
}
