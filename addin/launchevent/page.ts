import { officeReady } from '../office/ready.ts';

/** In Outlook on the web and the new Outlook the events run in a page, which loads Office.js before them. */
void officeReady().then(() => import('./main.ts'), () => {});
