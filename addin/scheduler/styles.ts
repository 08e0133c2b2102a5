/** The page's whole style; colours by the system's scheme, edges where colours are forced, text in the size that the browser is set to. */
export const styles = `
:root { color-scheme: light dark;
  --page: #f5f5f4; --card: #fff; --text: #242424; --quiet: #5c5c5c; --line: #d6d6d6; --part: #767676;
  --accent: #0f6cbd; --accent-strong: #0c5699; --on-accent: #fff; --tint: #e8f1fa; --bad: #b10e1c; --bad-tint: #fdf3f4; --good: #0e700e; }
@media (prefers-color-scheme: dark) { :root {
  --page: #141414; --card: #1f1f1f; --text: #f3f3f3; --quiet: #b4b4b4; --line: #3d3d3d; --part: #8f8f8f;
  --accent: #62abf5; --accent-strong: #8cc3f9; --on-accent: #0b1a29; --tint: #14304a; --bad: #f1a7ad; --bad-tint: #3b1519; --good: #7fc97f; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--text); font: 1rem/1.5 'Segoe UI', system-ui, -apple-system, sans-serif; overflow-wrap: anywhere; }
h1, h2, p, dl, dd, fieldset { margin: 0; padding: 0; border: 0; }
h1 { font-size: 1.5rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { font-size: 1.125rem; line-height: 1.35; }
h1:focus, h2:focus { outline: none; }
main { max-width: 1000px; margin: 0 auto; padding: 40px 16px 32px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; display: grid; }
.card, .stack, .details, .facts, .field, .note { grid-template-columns: minmax(0, 1fr); }
.details, .panel, .side { padding: 24px; min-width: 0; }
.details { display: grid; gap: 12px; align-content: start; }
.facts { display: grid; gap: 6px; color: var(--quiet); }
.facts div { display: flex; gap: 8px; align-items: flex-start; overflow-wrap: anywhere; }
.facts svg { flex: none; margin-top: 3px; }
.quiet { color: var(--quiet); }
.small { font-size: 0.875rem; }
.stack { display: grid; gap: 16px; align-content: start; }
.row { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; min-width: 0; }
.row > * { min-width: 0; max-width: 100%; }
.between { justify-content: space-between; }
button, .button, select, input, textarea { font: inherit; color: inherit; }
button, .button { border: 1px solid var(--part); border-radius: 8px; background: var(--card); padding: 8px 16px; min-height: 44px; cursor: pointer; text-decoration: none; display: inline-flex; align-items: center; justify-content: center; text-align: center; text-wrap: balance; gap: 8px; }
button:hover:not(:disabled), .button:hover { border-color: var(--accent); }
button:disabled { opacity: .6; cursor: default; }
.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; }
.primary:hover:not(:disabled) { background: var(--accent-strong); }
.danger { border-color: var(--bad); color: var(--bad); font-weight: 600; }
.plain { border-color: transparent; background: none; padding: 8px; margin-left: -8px; color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
select { min-height: 36px; max-width: 100%; border: 1px solid var(--part); border-radius: 8px; padding: 4px 8px; background: var(--card); }
.toggle { display: inline-flex; border: 1px solid var(--part); border-radius: 8px; overflow: hidden; }
.toggle label { position: relative; padding: 4px 10px; min-height: 34px; cursor: pointer; display: inline-flex; align-items: center; font-size: 0.875rem; }
.toggle input { position: absolute; opacity: 0; inset: 0; margin: 0; cursor: pointer; }
.toggle label:has(:checked) { background: var(--tint); font-weight: 600; box-shadow: inset 0 0 0 1px var(--accent); }
.toggle label:has(:focus-visible) { outline: 2px solid var(--accent); outline-offset: -3px; border-radius: 7px; }
.toggle label:first-child { border-radius: 7px 0 0 7px; } .toggle label:last-child { border-radius: 0 7px 7px 0; }
.month { width: 100%; border-collapse: separate; border-spacing: 2px; table-layout: fixed; }
.month th { font-size: min(0.8125rem, 4.5vw); font-weight: 600; color: var(--quiet); padding: 4px 0; }
.month td { padding: 0; text-align: center; }
.month button { width: 100%; max-width: 52px; min-height: 44px; padding: 0; border-color: transparent; background: none; color: var(--quiet); font-size: min(1rem, 5vw); font-variant-numeric: tabular-nums; }
.month button[aria-disabled='true'] { cursor: default; opacity: .75; }
.month button.free { background: var(--tint); color: var(--text); font-weight: 600; }
.month button.free:hover { border-color: var(--accent); }
.month [aria-selected='true'] button { background: var(--accent); color: var(--on-accent); border-color: var(--accent); }
.month button.today { text-decoration: underline; text-underline-offset: 4px; }
.steps { display: flex; align-items: center; justify-content: space-between; gap: 8px; }
.steps button { width: 44px; padding: 0; border-color: transparent; background: none; }
.steps button:disabled { opacity: .35; }
.slots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(6rem, 100%), 1fr)); gap: 8px; list-style: none; margin: 0; padding: 0; }
.slots button { width: 100%; border-color: var(--accent); color: var(--accent); font-weight: 600; font-variant-numeric: tabular-nums; padding: 8px; white-space: nowrap; }
.slots button:hover { background: var(--tint); }
.field { display: grid; gap: 4px; }
.field label { font-weight: 600; }
.field input, .field textarea { width: 100%; min-height: 44px; border: 1px solid var(--part); border-radius: 8px; padding: 8px 12px; background: var(--card); font-size: 1rem; }
.field [aria-invalid='true'] { border-color: var(--bad); }
.problem { color: var(--bad); font-size: 0.875rem; }
.note { border: 1px solid var(--line); border-left: 4px solid var(--accent); border-radius: 8px; padding: 12px; display: grid; gap: 8px; }
.note.bad { border-left-color: var(--bad); background: var(--bad-tint); }
.when { font-size: 1.125rem; font-weight: 600; }
.good { color: var(--good); display: flex; gap: 8px; align-items: center; }
.above { padding: 0 0 16px; }
.skeleton { border-radius: 8px; background: var(--line); opacity: .6; animation: pulse 1.6s ease-in-out infinite; }
@keyframes pulse { 50% { opacity: .25; } }
.message { max-width: 520px; margin: 8vh auto; padding: 32px 24px; display: grid; gap: 16px; justify-items: start; }
.visually-hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
footer { text-align: center; color: var(--quiet); font-size: 0.8125rem; padding-top: 16px; }
@media (min-width: 620px) {
  .card.choose { grid-template-columns: minmax(300px, 1fr) minmax(180px, 240px); }
  .card.choose .details { grid-column: 1 / -1; border-bottom: 1px solid var(--line); }
  .side { border-left: 1px solid var(--line); }
}
@media (min-width: 620px) { .card.choose .side .slots { max-height: 380px; overflow-y: auto; padding: 3px; margin: -3px; } }
@media (min-width: 900px) {
  .card.choose { grid-template-columns: 250px minmax(320px, 1fr) 240px; }
  .card.form { grid-template-columns: 250px minmax(320px, 1fr); }
  .card.choose .details { grid-column: auto; border-bottom: 0; }
  .card .details { border-right: 1px solid var(--line); }
}
@media (max-width: 899px) { .card.form .details { border-bottom: 1px solid var(--line); } }
@media (max-width: 619px) {
  main { padding: 0; }
  .card { border: 0; border-radius: 0; min-height: 100dvh; align-content: start; }
  .details, .panel, .side, .above { padding: 16px; }
  .details { padding-bottom: 0; gap: 8px; } .card.form .details { padding-bottom: 16px; }
  .side { padding-top: 0; }
  .message { margin: 0; padding-top: 24px; }
  .facts { grid-auto-flow: row; font-size: 0.9375rem; }
  .sticky { position: sticky; bottom: 0; background: var(--card); padding: 12px 16px max(12px, env(safe-area-inset-bottom)); margin: 0 -16px -16px; border-top: 1px solid var(--line); }
  .sticky button { width: 100%; min-height: 48px; }
  select, .toggle label { font-size: 1rem; min-height: 44px; }
  footer { padding-bottom: 16px; }
}
@media (prefers-contrast: more) { :root { --quiet: var(--text); --line: var(--part); } .month button[aria-disabled='true'] { opacity: 1; } }
@media (prefers-reduced-motion: reduce) { .skeleton { animation: none; } }
@media (forced-colors: active) {
  .month button:not(.free), .steps button { border: 0; }
  .month [aria-selected='true'] button, .primary, .toggle label:has(:checked) { forced-color-adjust: none; background: Highlight; color: HighlightText; border-color: Highlight; }
  .note { border-color: CanvasText; }
  .skeleton { border: 1px solid GrayText; }
}
`;
