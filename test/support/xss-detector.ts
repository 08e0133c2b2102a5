import type { BrowserContext, Page } from 'playwright-core';

export interface Detector {
  /** What has run, been asked for or gone elsewhere since the last call; empty is what a test wants. */
  found(): Promise<string[]>;
}

const ANSWER_MS = 1000;
/** What a page of ours loads from elsewhere by itself: Microsoft's library, outside of the playground. */
const OFFICE_JS = 'https://appsforoffice.microsoft.com/lib/1/hosted/office.js';

/**
 * Notices in every page and frame of the context whatever a hostile text can do: a dialog, a line on the
 * console, a mark on any window, a request to anywhere but `own`, a window that opens, a page that leaves.
 */
export function detectXss(context: BrowserContext, own: string): Detector {
  let notes: string[] = [];
  const expected = new Map<Page, string>();
  const note = (text: string): void => void notes.push(text);

  // At the network's door: what a policy refused before is no request. Nothing gets through, whatever asks.
  void context.route((url) => /^https?:$/.test(url.protocol) && url.origin !== own && url.href !== OFFICE_JS, (route) => {
    note(`request ${route.request().url().slice(0, 200)}`);
    return route.abort();
  });
  const watch = (page: Page): void => {
    expected.set(page, page.url());
    page.on('dialog', (dialog) => {
      note(`dialog ${dialog.message()}`);
      void dialog.dismiss().catch(() => undefined);
    });
    page.on('console', (message) => {
      if (message.text().startsWith('xss-')) note(`console ${message.text()}`);
    });
    page.on('framenavigated', (frame) => {
      // Frames of ours show a document of their own, or one of this server's pages.
      // A refused one shows the browser's own error.
      if (!/^(about:(srcdoc|blank)|chrome-error:.*)?$/.test(frame.url()) && !frame.url().startsWith(`${own}/`)) note(`navigation to ${frame.url().slice(0, 200)}`);
    });
  };
  context.pages().forEach(watch);
  context.on('page', watch);

  return {
    async found() {
      for (const page of context.pages()) {
        for (const frame of page.frames()) {
          // A frame whose document was refused never gets a context to ask, nor one in which anything could have run.
          const asked = frame.evaluate(() => (window as unknown as { __xss?: string }).__xss).catch(() => undefined);
          const mark = await Promise.race([asked, new Promise<undefined>((resolve) => void setTimeout(resolve, ANSWER_MS))]);
          if (mark !== undefined) note(`mark ${mark} in ${frame.url().slice(0, 80)}`);
        }
      }
      const all = notes;
      notes = [];
      return all;
    },
  };
}

/** What stands in a shown message and should not: elements, attributes and addresses that could run, load, submit or cover. */
export function unfit(root: Element): string[] {
  const problems: string[] = [];
  for (const element of root.querySelectorAll('*')) {
    const name = element.localName;
    if (!/^(a|abbr|address|b|bdi|bdo|big|blockquote|br|caption|center|cite|code|col|colgroup|dd|del|div|dl|dt|em|font|h[1-6]|hr|i|img|ins|kbd|li|mark|ol|p|pre|q|s|samp|small|span|strike|strong|sub|sup|table|tbody|td|tfoot|th|thead|tr|tt|u|ul|var|wbr)$/.test(name)) problems.push(`<${name}>`);
    if (element.namespaceURI !== 'http://www.w3.org/1999/xhtml') problems.push(`<${name}> of ${element.namespaceURI}`);
    for (const { name: attribute, value } of element.attributes) {
      if (/^on|^(id|name|srcset|srcdoc|action|formaction|ping|background|form|is|slot|popovertarget)$/i.test(attribute)) problems.push(`${name} ${attribute}=${value.slice(0, 60)}`);
      if (attribute === 'href' && !/^(https?|mailto):/i.test(value)) problems.push(`${name} ${attribute}=${value.slice(0, 60)}`);
      if (attribute === 'src' && !value.startsWith('data:image/')) problems.push(`${name} ${attribute}=${value.slice(0, 60)}`);
      if (attribute === 'style' && /url|expression|position|binding|behavior|image-set|\\|@/i.test(value)) problems.push(`${name} ${attribute}=${value.slice(0, 60)}`);
    }
  }
  return problems;
}
