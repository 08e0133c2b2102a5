import { makeStyles, tokens } from '@fluentui/react-components';
import type { ReactElement } from 'react';

const useStyles = makeStyles({
  frame: { width: '100%', boxSizing: 'border-box', height: '11.25rem', border: `1px solid ${tokens.colorNeutralStroke2}`, borderRadius: tokens.borderRadiusMedium, backgroundColor: '#ffffff', colorScheme: 'light' },
});

/**
 * A mail's HTML as its reader gets it: white in every theme, in a frame without scripts, without this
 * page's origin and without network, so that looking at a preview opens nothing. Its text follows the size
 * that a person has set in the browser, as far as the mail itself sets none.
 */
export function HtmlPreview({ html, title }: { readonly html: string; readonly title: string }): ReactElement {
  const page = `<!doctype html><meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"><body style="font: 87.5%/1.45 'Segoe UI', system-ui, sans-serif; color: #1b1b1b; background: #fff; margin: 10px; overflow-wrap: anywhere">${html}</body>`;
  return <iframe className={useStyles().frame} sandbox="" title={title} srcDoc={page} />;
}
