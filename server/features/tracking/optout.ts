import { transaction } from '../../db/db.ts';
import type { Deps } from '../../deps.ts';
import { escapeHtml } from './html.ts';
import { lockTrackings } from './judging.queries.ts';
import { LANGUAGES, type Language } from './markup.ts';
import { byCode, insertOptout, recordedTo, withdraw } from './queries.ts';

/**
 * A recipient does not want to be seen. From now on nothing is recorded for the message; where it went to
 * one address, so we know who asks, the same holds for all mail of this sender to that address, sent and
 * to come. Unknown codes do nothing, and nobody is told which are known.
 */
export async function optOut(deps: Deps, code: string): Promise<void> {
  await transaction(deps.db, async (trx) => {
    const tracking = await byCode(trx, code);
    if (!tracking || tracking.account_id === null) return;
    const email = tracking.recipients.length === 1 ? tracking.recipients[0]! : null;
    const affected = email ? await recordedTo(trx, tracking.account_id, email) : [];
    // All in the order of their ids, as everybody locks them; a second press finds it done.
    const locked = await lockTrackings(trx, [...new Set([tracking.id, ...affected])]);
    if (locked.find((t) => t.id === tracking.id)?.withdrawn_at !== null) return;
    const now = deps.clock.now();
    await withdraw(trx, locked.map((t) => t.id), now);
    if (email) await insertOptout(trx, tracking.account_id, email, now);
    await deps.events.emit(trx, { type: 'RecipientOptedOut', accountId: tracking.account_id, email, trackingId: tracking.id });
  });
}

interface Texts {
  readonly title: string;
  readonly explain: string;
  readonly button: string;
  readonly done: string;
  readonly doneExplain: string;
}

const TEXTS: Readonly<Record<Language, Texts>> = {
  en: {
    title: 'Stop telling the sender?',
    explain: 'The sender of this message can see whether it is opened and whether its links are followed. Press the button and nothing more is recorded: for this message, and, if you were its only recipient, for any mail from this sender to you, past and future. Automatic follow-ups to you about it stop as well. Links go on working.',
    button: 'Stop recording',
    done: 'Nothing more is recorded',
    doneExplain: 'The sender no longer sees whether you open this message. You can close this page.',
  },
  de: {
    title: 'Aufzeichnung beenden?',
    explain: 'Der Absender dieser Nachricht kann sehen, ob sie geöffnet wird und ob ihre Links besucht werden. Mit der Taste endet die Aufzeichnung: für diese Nachricht und, wenn sie nur an Sie ging, für alle früheren und künftigen Nachrichten dieses Absenders an Sie. Auch automatische Erinnerungen dazu an Sie enden. Links funktionieren weiter.',
    button: 'Aufzeichnung beenden',
    done: 'Es wird nichts mehr aufgezeichnet',
    doneExplain: 'Der Absender sieht nicht mehr, ob Sie diese Nachricht öffnen. Sie können diese Seite schließen.',
  },
  fr: {
    title: 'Arrêter l’enregistrement ?',
    explain: 'L’expéditeur de ce message peut voir s’il est ouvert et si ses liens sont suivis. Appuyez sur le bouton et plus rien n’est enregistré : pour ce message et, si vous en étiez le seul destinataire, pour tout courrier passé ou futur de cet expéditeur. Les relances automatiques à son sujet s’arrêtent aussi. Les liens continuent de fonctionner.',
    button: 'Arrêter l’enregistrement',
    done: 'Plus rien n’est enregistré',
    doneExplain: 'L’expéditeur ne voit plus si vous ouvrez ce message. Vous pouvez fermer cette page.',
  },
  es: {
    title: '¿Dejar de registrar?',
    explain: 'El remitente de este mensaje puede ver si se abre y si se siguen sus enlaces. Pulse el botón y no se registrará nada más: de este mensaje y, si usted era su único destinatario, de todo correo pasado o futuro de este remitente para usted. También cesan los recordatorios automáticos sobre él. Los enlaces seguirán funcionando.',
    button: 'Dejar de registrar',
    done: 'Ya no se registra nada',
    doneExplain: 'El remitente ya no ve si abre este mensaje. Puede cerrar esta página.',
  },
};

/** The first of our languages in an Accept-Language header (RFC 9110, 12.5.4), by its order; English else. */
export function preferredLanguage(acceptLanguage: string | undefined): Language {
  const asked = (acceptLanguage ?? '').split(',').map((part) => part.trim().slice(0, 2).toLowerCase());
  return asked.map((tag) => LANGUAGES.find((language) => language === tag)).find(Boolean) ?? 'en';
}

/** A page that works without script; the GET only shows it, the button's POST acts. */
export function optOutPage(language: Language, done: boolean): string {
  const t = TEXTS[language];
  const heading = done ? t.done : t.title;
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(heading)}</title>
<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 12vh auto; padding: 0 1.25rem; color: CanvasText; background: Canvas; }
h1 { font-size: 1.5rem; line-height: 1.25; }
button { font: inherit; font-weight: 600; min-height: 44px; padding: 0 1.25rem; border: 1px solid #0f6cbd; border-radius: 4px; background: #0f6cbd; color: #fff; cursor: pointer; }
button:hover { background: #0c5596; }
button:focus-visible { outline: 3px solid Highlight; outline-offset: 2px; }
</style>
</head>
<body>
<main>
<h1>${escapeHtml(heading)}</h1>
<p>${escapeHtml(done ? t.doneExplain : t.explain)}</p>
${done ? '' : `<form method="post"><button type="submit">${escapeHtml(t.button)}</button></form>`}
</main>
</body>
</html>
`;
}
