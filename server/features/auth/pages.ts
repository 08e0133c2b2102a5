import { escapeHtml } from '../../lib/html.ts';
import type { Asking, Outcome } from './flow.service.ts';

/**
 * The sign-in's own pages: plain documents without any script but the one that hands over a result,
 * readable at 320 px, light and dark. Every value is escaped here, at its sink.
 */
export interface SignInForm {
  readonly appName: string;
  /** Where the browser goes afterwards; shown, so that a person can see who asks. */
  readonly returnHost: string | undefined;
  readonly asking: Asking | undefined;
  /** The mailbox whose user gets this one as well; shown, so that nobody gives his away to a stranger. */
  readonly joins: string | undefined;
  /** The signed flow. */
  readonly flow: string;
  readonly email: string;
  /** Filled in by the playground alone. */
  readonly password: string;
  readonly problem: string | undefined;
  /** Other prefilled accounts of the playground, with the address of this page for each. */
  readonly others: readonly { readonly email: string; readonly href: string }[];
}

export function signInPage(form: SignInForm): string {
  const linking = form.asking !== undefined;
  const filled = form.email !== '' && form.password !== '';
  const field = (name: string): string => (form.problem ? ` aria-invalid="true" aria-describedby="problem"` : '') + (name === firstEmpty(form) && !filled ? ' autofocus' : '');
  return document(linking ? 'Link your mailbox' : 'Sign in', `
<h1>${linking ? 'Link your mailbox' : 'Sign in'}</h1>
<p class="lead">${linking ? 'The Sundial pane in Outlook asks to use one of your mailboxes.' : `to use it with <strong>${escapeHtml(form.appName)}</strong>${form.returnHost ? ` at ${escapeHtml(form.returnHost)}` : ''}.`}</p>
${form.asking ? askingPart(form.asking) : ''}
${form.joins === undefined ? '' : `<p class="asking">It is added to the mailboxes of ${escapeHtml(form.joins)}, whose owner can then send and read its mail.</p>`}
${form.problem ? `<p class="problem" id="problem" role="alert">${escapeHtml(form.problem)}</p>` : ''}
<form method="post" action="/v1/auth/signin">
<input type="hidden" name="flow" value="${escapeHtml(form.flow)}">
${linking ? '<h2>Mailbox signing in</h2>' : ''}
<label for="email">Email address</label>
<input id="email" name="email" type="email" autocomplete="username" autocapitalize="none" spellcheck="false" required maxlength="320" value="${escapeHtml(form.email)}"${field('email')}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1024" value="${escapeHtml(form.password)}"${field('password')}>
${filled ? `<p class="hint">Filled in by the playground.${form.others.map((o) => ` <a href="${escapeHtml(o.href)}">Use ${escapeHtml(o.email)}</a>`).join('')}</p>` : ''}
<div class="actions">
<button class="primary" name="action" value="signin"${filled ? ' autofocus' : ''}>${linking ? 'Link these accounts' : 'Sign in'}</button>
<button name="action" value="cancel" formnovalidate>${linking ? 'This isn’t me' : 'Cancel'}</button>
</div>
</form>
${linking ? '<p class="hint">Link only what you started yourself a moment ago in Outlook. Whoever uses that Outlook mailbox can then send and read mail as the one above.</p>' : ''}`);
}

const firstEmpty = (form: SignInForm): string => (form.email === '' ? 'email' : 'password');

const askingPart = (asking: Asking): string => `
<section class="asking" aria-label="Asking">
<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M3 7.5 12 13l9-5.5M4.5 5h15A1.5 1.5 0 0 1 21 6.5v11a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17.5v-11A1.5 1.5 0 0 1 4.5 5Z"/></svg>
<div><p class="small">An Outlook mailbox on the Exchange server</p>
<p class="strong">${escapeHtml(asking.host)}</p>
<p class="small">${asking.linkedTo === undefined ? 'Not linked to any mailbox yet' : `Linked now to ${escapeHtml(asking.linkedTo)}`}</p></div>
</section>`;

export interface NotConfigured {
  readonly label: string;
  readonly needs: string;
  readonly working: readonly { readonly label: string; readonly href: string }[];
  readonly cancelHref: string | undefined;
}

/** For a service that this server cannot reach: what it would take, and what works instead. */
export const notConfiguredPage = (p: NotConfigured): string => document(`${p.label} is not set up`, `
<h1>${escapeHtml(p.label)} is not set up here</h1>
<p class="lead">${escapeHtml(p.needs)}</p>
${p.working.length ? `<h2>You can sign in with</h2><ul class="choices">${p.working.map((w) => `<li><a class="choice" href="${escapeHtml(w.href)}">${escapeHtml(w.label)}</a></li>`).join('')}</ul>` : '<p>No other way to sign in is set up on this server either.</p>'}
${p.cancelHref ? `<p><a class="way" href="${escapeHtml(p.cancelHref)}">Back</a></p>` : ''}`);

/** A form that is too old, or that another browser or site sent. */
export const endedPage = (): string => document('This sign-in has ended', `
<h1>This sign-in has ended</h1>
<p class="lead">It was open for too long, or in another browser. Close this window and start again where you came from.</p>`);

/** Hands the outcome to the opening window; the script says to which origins. */
export const messagePage = (outcome: Record<string, string>, origins: readonly string[]): string => document('Signed in', `
<h1>${outcome.status === 'success' ? 'Done' : 'Not signed in'}</h1>
<p class="lead">${outcome.status === 'success' ? 'You can close this window.' : escapeHtml(outcome.errorMessage ?? '')}</p>
<script type="application/json" id="result">${JSON.stringify({ outcome, origins }).replaceAll('<', '\\u003c')}</script>
<script src="/v1/auth/result.js"></script>`);

/** The browser delivers to the opener only where it really is at the origin named; `*` would tell anybody. */
export const RESULT_SCRIPT = `const { outcome, origins } = JSON.parse(document.getElementById('result').textContent);
if (window.opener) {
  for (const origin of origins) window.opener.postMessage(outcome, origin);
  window.close();
}
`;

export const outcomeParameters = (outcome: Outcome, state: string | undefined, requestId: string): Record<string, string> => ({
  status: outcome.status,
  ...(outcome.status === 'error' ? { error: outcome.error, errorMessage: outcome.errorMessage } : {}),
  ...(outcome.status === 'success' && outcome.code !== undefined ? { code: outcome.code } : {}),
  ...(outcome.status === 'success' && outcome.token !== undefined ? { token: outcome.token } : {}),
  ...(state === undefined ? {} : { state }),
  requestId,
});

function document(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)} · Sundial</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<p class="brand"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M4 18a8 8 0 1 1 16 0M12 18 16 8.5M2.5 18h19"/></svg>Sundial</p>${body}
</main>
</body>
</html>
`;
}

const STYLE = `
:root { --page: #f5f5f5; --card: #fff; --text: #242424; --soft: #616161; --line: #d1d1d1; --edge: #616161; --accent: #0f6cbd; --accent-press: #0c3b5e; --on-accent: #fff; --tint: #ebf3fc; --bad: #b10e1c; --bad-tint: #fdf3f4; }
@media (prefers-color-scheme: dark) { :root { --page: #141414; --card: #292929; --text: #fff; --soft: #d6d6d6; --line: #525252; --edge: #adadad; --accent: #479ef5; --accent-press: #96c6fa; --on-accent: #0a0a0a; --tint: #082338; --bad: #f1bbbc; --bad-tint: #3f1011; } }
*, *::before { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; align-items: start; justify-items: center; background: var(--page); color: var(--text); font: 0.875rem/1.43 'Segoe UI', system-ui, -apple-system, sans-serif; }
main { width: 100%; max-width: 420px; padding: 24px 20px 32px; background: var(--card); }
@media (min-width: 480px) { main { margin: 8vh 16px; padding: 32px 36px 36px; border-radius: 8px; box-shadow: 0 0 2px rgb(0 0 0 / 12%), 0 8px 16px rgb(0 0 0 / 14%); } }
.brand { display: flex; align-items: center; gap: 8px; margin: 0 0 20px; font-weight: 600; color: var(--soft); }
svg { flex: none; width: 24px; height: 24px; fill: none; stroke: var(--accent); stroke-width: 1.6; stroke-linecap: round; stroke-linejoin: round; }
h1 { margin: 0; font-size: 1.5rem; line-height: 2rem; font-weight: 600; }
h2 { margin: 20px 0 0; font-size: 0.875rem; line-height: 1.25rem; font-weight: 600; }
p { margin: 0; overflow-wrap: anywhere; }
.lead { margin: 4px 0 20px; color: var(--soft); }
.small, .hint { color: var(--soft); font-size: 0.75rem; line-height: 1rem; }
.hint { margin-top: 12px; }
.strong { font-weight: 600; }
.asking { display: flex; gap: 12px; padding: 12px; border-radius: 6px; background: var(--tint); }
.problem { margin: 16px 0 0; padding: 10px 12px; border-left: 3px solid var(--bad); border-radius: 4px; background: var(--bad-tint); color: var(--bad); }
label { display: block; margin: 14px 0 4px; font-weight: 600; }
input { width: 100%; min-height: 40px; padding: 8px 12px; border: 1px solid var(--line); border-bottom-color: var(--edge); border-radius: 4px; background: var(--card); color: var(--text); font: inherit; font-size: 1rem; line-height: 1.375rem; }
input:focus-visible, button:focus-visible, a:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
input[aria-invalid] { border-color: var(--bad); }
.actions { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 24px; }
button, .choice { min-height: 44px; padding: 8px 16px; border: 1px solid var(--line); border-radius: 4px; background: transparent; color: var(--text); font: inherit; font-weight: 600; cursor: pointer; }
.actions button { flex: 1 1 auto; }
button.primary { border-color: transparent; background: var(--accent); color: var(--on-accent); }
button.primary:hover, button.primary:active { background: var(--accent-press); }
button:not(.primary):hover, .choice:hover { background: var(--tint); }
a { color: var(--accent); }
.way { display: inline-block; padding: 6px 0; }
.choices { margin: 8px 0 0; padding: 0; list-style: none; }
.choice { display: block; text-decoration: none; padding-top: 11px; }
@media (forced-colors: active) { main, .asking, .problem, button { border: 1px solid CanvasText; } button.primary { forced-color-adjust: none; background: Highlight; color: HighlightText; border-color: Highlight; } svg { stroke: CanvasText; } }
`;
