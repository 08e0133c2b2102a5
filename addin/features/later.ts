import { lazy } from 'react';

/**
 * Views that a person opens by a button. They are not in the first script, which has to be there before
 * anything shows beside a message.
 */
export const FollowUpPicker = lazy(async () => ({ default: (await import('./followup/FollowUpPicker.tsx')).FollowUpPicker }));
export const StartFollowUp = lazy(async () => ({ default: (await import('./followup/StartFollowUp.tsx')).StartFollowUp }));
export const InsertTemplate = lazy(async () => ({ default: (await import('./templates/InsertTemplate.tsx')).InsertTemplate }));
export const TemplateChooser = lazy(async () => ({ default: (await import('./templates/InsertTemplate.tsx')).TemplateChooser }));
export const InsertTimes = lazy(async () => ({ default: (await import('./booking/InsertTimes.tsx')).InsertTimes }));
export const InsertBooking = lazy(async () => ({ default: (await import('./booking/InsertBooking.tsx')).InsertBooking }));
export const Charts = lazy(async () => ({ default: (await import('./activity/Charts.tsx')).Charts }));
