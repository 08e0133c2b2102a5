import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright-core';

/** Pages that axe has been read into. None of them goes elsewhere while it is looked at. */
const withAxe = new WeakSet<Page>();

/**
 * What axe finds in the page, of any impact; names must contain the words that are seen, too. Previews of mail lie in
 * frames without scripts, where axe cannot run: it looks at the page around them alone.
 */
export async function axeFaults(page: Page, rules: 'all' | 'colours' | 'strong'): Promise<string[]> {
  const colours = { colours: ['color-contrast', 'link-in-text-block'], strong: ['color-contrast-enhanced'], all: null }[rules];
  // To read axe anew for each look takes longer than the look.
  const axe = withAxe.has(page) ? { axeSource: '/* there */' } : {};
  withAxe.add(page);
  const { violations } = await new AxeBuilder({ page, ...axe }).setLegacyMode()
    .options(colours ? { runOnly: colours, ...(rules === 'strong' ? { rules: { 'color-contrast-enhanced': { enabled: true } } } : {}) } : { rules: { 'label-content-name-mismatch': { enabled: true }, 'target-size': { enabled: true } }, resultTypes: ['violations'] })
    .analyze();
  return violations.flatMap((v) => v.nodes.map((n) => `axe ${v.impact} ${v.id}: ${n.target.join(' ')} ${n.html.slice(0, 160)}${v.id.startsWith('color-contrast') ? ` ${n.any[0]?.message ?? ''}` : ''}`));
}

/** What can be measured of a look: nothing beyond the sides, nothing cut off, nothing too small to hit. */
export async function layoutFaults(page: Page, liveRegions: number, target: number): Promise<string[]> {
  return page.evaluate(([expected, least]) => {
    const faults: string[] = [];
    const width = document.documentElement.clientWidth;
    const name = (e: Element) => `<${e.tagName.toLowerCase()}> “${(e.getAttribute('aria-label') ?? e.textContent ?? '').trim().slice(0, 60)}”`;
    if (document.documentElement.scrollWidth > width) faults.push(`scrolls sideways: ${document.documentElement.scrollWidth} of ${width}`);
    const shown = (e: Element): boolean => {
      const style = getComputedStyle(e);
      const box = e.getBoundingClientRect();
      if (style.visibility === 'hidden' || box.width <= 1 || box.height <= 1 || e.closest('[aria-hidden=true]')) return false;
      // What is for screen readers alone is clipped away with all that is in it.
      for (let at: Element | null = e; at; at = at.parentElement) if (getComputedStyle(at).clipPath !== 'none') return false;
      return true;
    };
    const all = [...document.body.querySelectorAll('*')].filter((e) => e instanceof HTMLElement && shown(e)) as HTMLElement[];
    const beneath = (e: HTMLElement): boolean => {
      const box = e.getBoundingClientRect();
      const seen = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
      return seen !== null && !e.contains(seen) && !seen.contains(e);
    };
    for (const e of all) {
      if (e.matches('h1, h2, h3, p, button') && beneath(e)) faults.push(`lies beneath something else: ${name(e)}`);
      const style = getComputedStyle(e);
      const box = e.getBoundingClientRect();
      if (box.right > width + 1 || box.left < -1) faults.push(`reaches beyond the side: ${name(e)}`);
      const hasText = [...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.textContent!.trim());
      if (hasText && style.overflowX !== 'visible' && style.textOverflow !== 'ellipsis' && e.scrollWidth > e.clientWidth + 1) faults.push(`text is cut off: ${name(e)}`);
      if (hasText && style.overflowY === 'hidden' && e.scrollHeight > e.clientHeight + 2) faults.push(`lines are cut off: ${name(e)}`);
      if (hasText && e instanceof HTMLButtonElement && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 2)) faults.push(`words run out of their button: ${name(e)}`);
      if (e instanceof HTMLInputElement && e.type === 'text' && e.placeholder && e.scrollWidth > e.clientWidth + 1) faults.push(`a placeholder is cut off: ${name(e)}`);
      if (e.matches('input:not([type=checkbox], [type=radio]), select') && e.clientHeight < parseFloat(style.fontSize) * 1.15) faults.push(`words are higher than their field: ${name(e)}`);
      if (e.matches('button, a[href], input, select, [role=switch], [role=tab]') && (box.width < 23.5 || box.height < least - 0.5)) {
        // A native control that lies over its drawing is as large as both.
        const label = e instanceof HTMLInputElement ? e.labels?.[0]?.getBoundingClientRect() : undefined;
        if (!label || label.height < least - 0.5) faults.push(`smaller than ${least} pixels: ${name(e)} ${Math.round(box.width)}×${Math.round(box.height)}`);
      }
    }
    // Words in a drawing are placed by us, not by the browser: they may lie over each other.
    const labels = [...document.querySelectorAll('figure svg text')].map((e) => [e.textContent, e.getBoundingClientRect()] as const).filter(([, box]) => box.width > 0);
    for (const [at, [text, a]] of labels.entries()) {
      for (const [other, b] of labels.slice(at + 1)) {
        if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom) faults.push(`labels lie over each other: “${text}” and “${other}”`);
      }
      if (a.left < -1 || a.right > width + 1) faults.push(`a label reaches beyond the side: “${text}”`);
    }
    if (matchMedia('(forced-colors: active)').matches && [...document.querySelectorAll('.fui-SkeletonItem')].some((e) => getComputedStyle(e).borderTopStyle === 'none')) faults.push('what is loading cannot be seen');
    const polite = document.querySelectorAll('[aria-live=polite], [role=status], [role=log]').length;
    if (polite !== expected) faults.push(`${polite} polite live regions`);
    if (document.querySelectorAll('main').length !== 1) faults.push(`${document.querySelectorAll('main').length} main landmarks`);
    return [...new Set(faults)];
  }, [liveRegions, target] as const);
}
