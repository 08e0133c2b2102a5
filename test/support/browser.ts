import type { TestApp } from './app.ts';

/** A visitor's browser as far as forms need one: cookies, hidden fields, no redirect followed. */
export interface Visitor {
  readonly cookies: Map<string, string>;
  get(path: string): Promise<Page>;
  /** Sends the page's form with these fields over what is filled in. */
  submit(page: Page, fields: Record<string, string>): Promise<Page>;
}

export interface Page {
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
  /** Where a redirect goes. */
  readonly location: URL | undefined;
  /** Fields of the form as they are filled in. */
  readonly fields: Record<string, string>;
}

export function visitor(app: Pick<TestApp, 'url'>): Visitor {
  const cookies = new Map<string, string>();
  const send = async (path: string, init: RequestInit): Promise<Page> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(new URL(path, app.url), { ...init, redirect: 'manual', headers: { ...init.headers as Record<string, string>, cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split('; ');
      const at = pair.indexOf('=');
      if (attributes.some((a) => /^max-age=0$/i.test(a))) cookies.delete(pair.slice(0, at));
      else cookies.set(pair.slice(0, at), decodeURIComponent(pair.slice(at + 1)));
    }
    const html = await response.text();
    const location = response.headers.get('location');
    return { status: response.status, headers: response.headers, html, location: location ? new URL(location, app.url) : undefined, fields: fieldsOf(html) };
  };
  return {
    cookies,
    get: (path) => send(path, {}),
    submit: (page, fields) => {
      const action = /<form[^>]* action="([^"]*)"/.exec(page.html)?.[1];
      if (!action) throw new Error(`The page has no form: ${page.status} ${page.html.slice(0, 300)}`);
      return send(decode(action), { method: 'POST', body: new URLSearchParams({ ...page.fields, action: 'signin', ...fields }) });
    },
  };
}

function fieldsOf(html: string): Record<string, string> {
  const inputs = [...html.matchAll(/<input [^>]*>/g)].map(([tag]) => [/ name="([^"]*)"/.exec(tag)?.[1] ?? '', decode(/ value="([^"]*)"/.exec(tag)?.[1] ?? '')] as const);
  return Object.fromEntries(inputs.filter(([name]) => name));
}

const decode = (text: string): string => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
