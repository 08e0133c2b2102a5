/** The playground's own look: the arrangement of a mail program, in colours that are nobody's. */
export const STYLES = `
:root{color-scheme:light dark;--bg:#f4f3f1;--card:#fff;--line:#e1dfdc;--text:#242321;--faint:#66625d;--accent:#0b6a6f;--accent-text:#fff;--chosen:#dceeee;--hover:#efeeec;--strip:#123c40;--strip-text:#eef7f7;--info:#fff6dc;--info-text:#4b3b05;--bad:#fde7e6;--bad-text:#8a1410}
.buyer{--accent:#7a3e9d;--chosen:#f0e4f7;--strip:#43225a;--strip-text:#f7effc}
@media (prefers-color-scheme:dark){:root{--bg:#1a1a19;--card:#242322;--line:#3a3937;--text:#f1efec;--faint:#b1ada7;--accent:#4fb5ba;--accent-text:#06292b;--chosen:#17393b;--hover:#2e2d2b;--strip:#0c2527;--strip-text:#dff1f1;--info:#3a3218;--info-text:#f5e6b5;--bad:#4a1f1d;--bad-text:#ffc9c5}.buyer{--accent:#c898e2;--accent-text:#2a0f3b;--chosen:#3a2549;--strip:#27142f;--strip-text:#f3e6fa}}
*{box-sizing:border-box}
html,body,#root{height:100%;margin:0}
body{font:14px/1.4 "Segoe UI",system-ui,-apple-system,sans-serif;background:var(--bg);color:var(--text)}
button,select,input,textarea{font:inherit;color:inherit}
button,.button{display:inline-flex;align-items:center;gap:6px;min-height:32px;padding:4px 10px;border:1px solid transparent;border-radius:6px;background:transparent;cursor:pointer;text-decoration:none;color:inherit;white-space:nowrap}
button:hover:not(:disabled),.button:hover{background:var(--hover)}
button:disabled{opacity:.5;cursor:default}
button:focus-visible,a:focus-visible,input:focus-visible,select:focus-visible,.editor:focus-visible{outline:2px solid var(--accent);outline-offset:1px}
.primary{background:var(--accent);color:var(--accent-text)}
.primary:hover:not(:disabled){background:var(--accent);filter:brightness(1.1)}
.link{padding:0 2px;min-height:24px;color:var(--accent);text-decoration:underline}
.bare{padding:4px;min-width:32px;justify-content:center}
.icon{flex:none}
.faint{color:var(--faint)}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
h1{margin:0;font-size:14px;font-weight:700}
h2{margin:0;font-size:16px;font-weight:600}
ul,ol{list-style:none;margin:0;padding:0}
.outlook{height:100%;display:flex;flex-direction:column;min-width:0;background:var(--bg)}
.strip{display:flex;flex-wrap:wrap;align-items:center;gap:4px 14px;padding:5px 14px;background:var(--strip);color:var(--strip-text)}
.strip button,.strip .button{border-color:color-mix(in srgb,var(--strip-text) 45%,transparent);min-height:28px;padding:2px 9px}
.strip button:hover:not(:disabled),.strip .button:hover{background:color-mix(in srgb,var(--strip-text) 18%,transparent)}
.strip :focus-visible{outline-color:var(--strip-text)}
.clock,.strip-right,.confirm{display:inline-flex;align-items:center;gap:6px;flex-wrap:wrap}
.clock time{font-variant-numeric:tabular-nums;font-weight:600}
.strip-right{margin-left:auto;flex:none}
.as{opacity:.85;flex:0 1 auto;min-width:0;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.result{white-space:nowrap}
@media (min-width:1200px){.strip{flex-wrap:nowrap;white-space:nowrap}.strip h1,.clock{flex:none}.clock,.strip-right,.confirm{flex-wrap:nowrap}.strip:has(.confirm){flex-wrap:wrap}}
.checklist{display:flex;align-items:center;gap:6px 16px;flex-wrap:wrap;padding:5px 14px;background:var(--card);border-bottom:1px solid var(--line)}
.checklist ol{display:flex;gap:14px;flex-wrap:wrap}
.checklist li{display:flex;align-items:center;gap:6px;color:var(--faint)}
.checklist li.done,.checklist li.next{color:var(--text)}
.checklist li.next{font-weight:600}
.box{display:inline-grid;place-items:center;width:18px;height:18px;border:1.5px solid var(--faint);border-radius:4px}
.done .box{background:var(--accent);border-color:var(--accent);color:var(--accent-text)}
.box svg{width:15px;height:15px}
.hint{color:var(--faint);flex:1;min-width:200px}
.commands{display:flex;align-items:center;gap:4px;flex-wrap:wrap;padding:6px 10px;background:var(--card);border-bottom:1px solid var(--line)}
.spring{flex:1}
button[aria-pressed=true]{background:var(--chosen);border-color:var(--accent)}
select{min-height:30px;border:1px solid var(--line);border-radius:6px;background:var(--card);padding:2px 6px}
.columns{flex:1;min-height:0;display:grid;grid-template-columns:180px 280px minmax(380px,1fr) clamp(320px,25vw,400px)}
.pane-closed .columns{grid-template-columns:180px 280px minmax(380px,1fr)}
.folders{padding:8px 6px;overflow:auto}
.folders hr{border:0;border-top:1px solid var(--line);margin:6px}
.folder{width:100%;justify-content:flex-start;border-radius:6px}
.folder[aria-current]{background:var(--chosen);font-weight:600}
.folder-name{overflow:hidden;text-overflow:ellipsis}
.count{margin-left:auto;color:var(--accent);font-weight:600}
.list{border-left:1px solid var(--line);border-right:1px solid var(--line);background:var(--card);overflow:auto;min-width:0}
.list h2,.calendar h2{padding:12px 14px 8px}
.row{display:flex;flex-direction:column;align-items:stretch;gap:1px;width:100%;padding:8px 12px 8px 14px;border-radius:0;border:0;border-left:3px solid transparent;border-bottom:1px solid var(--line);text-align:left;white-space:normal}
.row[aria-current]{background:var(--chosen)}
.row.unread{border-left-color:var(--accent)}
.row-top{display:flex;gap:8px;justify-content:space-between}
.row-top time{color:var(--faint);font-size:12px;white-space:nowrap}
.who,.row-subject,.row-snippet{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;min-width:0}
.row.unread .who,.row.unread .row-subject{font-weight:600}
.row.unread .row-subject{color:var(--accent)}
.row-snippet{color:var(--faint);font-size:13px}
.stage{min-width:0;min-height:0;display:flex;flex-direction:column;overflow:hidden}
.empty{flex:1;display:grid;place-items:center;color:var(--faint);padding:24px;text-align:center}
.note{margin:0;padding:8px 14px;color:var(--faint)}
.reading,.compose,.calendar{flex:1;min-height:0;margin:10px;border:1px solid var(--line);border-radius:8px;background:var(--card);display:flex;flex-direction:column;overflow:hidden}
.reading header{padding:14px 16px 10px;border-bottom:1px solid var(--line)}
.reading header h2{font-size:18px;overflow-wrap:anywhere}
.envelope{display:flex;gap:10px;margin-top:10px;align-items:flex-start;flex-wrap:wrap}
.envelope>div:nth-child(2){flex:1 1 200px;min-width:0;overflow-wrap:anywhere}
.avatar{flex:none;display:grid;place-items:center;width:36px;height:36px;border-radius:50%;background:var(--accent);color:var(--accent-text);font-weight:600}
.envelope-right{display:flex;flex-direction:column;align-items:flex-end;gap:4px}
.actions{display:flex;gap:2px}
.body{flex:1;border:0;width:100%;background:#fff;color-scheme:light}
.infobar{display:flex;align-items:center;gap:8px;margin:0;padding:7px 14px;background:var(--info);color:var(--info-text);flex-wrap:wrap}
.infobar span{flex:1;min-width:160px}
.infobar .link{color:inherit;font-weight:600}
.infobar.problem{background:var(--bad);color:var(--bad-text)}
.compose-bar{display:flex;align-items:center;gap:6px;padding:8px 12px;border-bottom:1px solid var(--line);flex-wrap:wrap}
.format,.reading-in{display:inline-flex;align-items:center;gap:6px;color:var(--faint)}
.format{margin-left:auto}
.from{margin:0;padding:8px 14px 2px;font-size:13px}
.field{display:flex;align-items:center;gap:8px;padding:2px 14px}
.field span{width:56px;color:var(--faint)}
.field input{flex:1;min-width:0;padding:6px 4px;border:0;border-bottom:1px solid var(--line);background:transparent;border-radius:0}
.editor-place{flex:1;min-height:0;display:flex;padding:6px 10px 10px}
.editor{flex:1;overflow:auto;padding:8px;border:0;border-radius:4px;background:transparent;resize:none;font:15px/1.5 "Segoe UI",system-ui,sans-serif;overflow-wrap:anywhere}
.editor a{color:var(--accent)}
.editor img[data-playground-src]{display:inline-block;min-width:10px;min-height:10px;border:1px dashed var(--faint)}
.editor blockquote{margin:0 0 0 4px;padding-left:12px;border-left:2px solid var(--line);color:var(--faint)}
.pane{display:flex;flex-direction:column;min-width:0;min-height:0;border-left:1px solid var(--line);background:var(--card)}
.pane[hidden]{display:none}
.pane header{display:flex;align-items:center;gap:8px;padding:4px 6px 4px 12px;min-height:40px;border-bottom:1px solid var(--line)}
.pane header h2{flex:1;font-size:14px}
.pane iframe{flex:1;border:0;width:100%;min-height:0}
.calendar{overflow:auto}
.calendar li{display:grid;grid-template-columns:150px 1fr;gap:2px 12px;padding:10px 14px;border-top:1px solid var(--line)}
.calendar li span{grid-column:2}
.calendar time{font-variant-numeric:tabular-nums}
@media (max-width:1199px){.outlook:not(.buyer) .as,.strip .icon{display:none}.strip{column-gap:8px;padding-inline:10px}.envelope-right{flex:1 0 100%;flex-direction:row;align-items:center;justify-content:space-between}.columns{grid-template-columns:52px 280px minmax(380px,1fr) 320px}.pane-closed .columns{grid-template-columns:52px 280px minmax(380px,1fr)}.folder{justify-content:center;padding:4px;position:relative}.folder-name{display:none}.count{position:absolute;right:2px;top:0;font-size:11px}.does{display:none}}
@media (max-width:1031px){.columns{grid-template-columns:52px 220px minmax(280px,1fr) 320px}.pane-closed .columns{grid-template-columns:52px 220px minmax(0,1fr)}}
@media (max-width:871px){.columns,.pane-closed .columns{grid-template-columns:48px minmax(120px,200px) minmax(0,1fr);position:relative}.pane{position:absolute;inset:0 0 0 auto;width:min(340px,100%);box-shadow:0 0 16px rgb(0 0 0/.3)}}
@media (prefers-reduced-motion:no-preference){button{transition:background-color .12s}}
@media (forced-colors:active){.primary,.folder[aria-current],.row[aria-current],button[aria-pressed=true]{border:2px solid}.box{border-color:CanvasText}}
`;
