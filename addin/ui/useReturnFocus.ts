import { useEffect } from 'react';

/** The words on what was pressed last; the element itself is gone when a view has replaced its own. */
let pressed = '';
const wordsOf = (element: Element): string => element.getAttribute('aria-label') ?? element.textContent ?? '';

if (typeof document !== 'undefined') {
  document.addEventListener('click', (event) => {
    const button = event.target instanceof Element ? event.target.closest('button, a[href]') : null;
    if (button) pressed = wordsOf(button);
  }, true);
}

/**
 * When this view is left, the focus goes back to what opened it. Only where it would be lost otherwise,
 * and only while the person works in the pane: another message chosen in Outlook must not pull it here.
 */
export function useReturnFocus(): void {
  useEffect(() => {
    const words = pressed;
    return () => {
      requestAnimationFrame(() => {
        if (!words || !document.hasFocus() || document.activeElement !== document.body) return;
        const opener = [...document.querySelectorAll<HTMLElement>('main button, main a[href]')].find((e) => wordsOf(e) === words);
        opener?.focus();
      });
    };
  }, []);
}
