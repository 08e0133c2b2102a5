import { dialogOffice, noOffice, paneOffice } from './host/office.ts';
import { frameTransport } from './host/transport.ts';

/** The playground's Office.js: finds out whether it runs in the pane's frame, in a dialog, or alone. */
function office(): unknown {
  if (window.parent !== window) return paneOffice(window, frameTransport(window, window.parent));
  const opener = window.opener as Window | null;
  return opener ? dialogOffice(window, opener) : noOffice();
}

Object.assign(window, { Office: office() });
