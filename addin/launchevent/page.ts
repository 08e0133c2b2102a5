import { officeReady } from '../office/ready.ts';

/**
 * In Outlook on the web, the new Outlook and on Mac the events run in a page, which loads Office.js
 * first and then the very file that classic Outlook runs without one.
 */
void officeReady().then(() => {
  const script = document.createElement('script');
  script.src = '/addin/launchevent.js';
  document.head.append(script);
}, () => {});
