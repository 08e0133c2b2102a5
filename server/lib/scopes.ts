/** What an account may allow an application to do, as the contract names it. */
export const SCOPES = [
  'Calendar.Read', 'Calendar.ReadWrite',
  'Mail.Read', 'Mail.ReadWrite', 'Mail.Send', 'Mail.Drafts', 'Mail.All',
  'Contacts.Read', 'Contacts.ReadWrite', 'Tasks.Read', 'Tasks.ReadWrite',
] as const;

export type Scope = (typeof SCOPES)[number];
