/** The enumerations of Office.js that add-ins for Outlook use, with the values that the library gives them. */
export const AsyncResultStatus = { Succeeded: 'succeeded', Failed: 'failed' } as const;
export const CoercionType = { Text: 'text', Html: 'html' } as const;
export const HostType = { Word: 'Word', Excel: 'Excel', PowerPoint: 'PowerPoint', Outlook: 'Outlook', OneNote: 'OneNote', Project: 'Project', Access: 'Access' } as const;
export const PlatformType = { PC: 'PC', OfficeOnline: 'OfficeOnline', Mac: 'Mac', iOS: 'iOS', Android: 'Android', Universal: 'Universal' } as const;
export const InitializationReason = { Inserted: 'inserted', DocumentOpened: 'documentOpened' } as const;

export const EventType = {
  DialogMessageReceived: 'dialogMessageReceived',
  DialogEventReceived: 'dialogEventReceived',
  DialogParentMessageReceived: 'dialogParentMessageReceived',
  ItemChanged: 'olkItemSelectedChanged',
  RecipientsChanged: 'olkRecipientsChanged',
  AttachmentsChanged: 'olkAttachmentsChanged',
  InfobarClicked: 'olkInfobarClicked',
  OfficeThemeChanged: 'officeThemeChanged',
  SelectedItemsChanged: 'olkSelectedItemsChanged',
} as const;

export const MailboxEnums = {
  ActionType: { ShowTaskPane: 'showTaskPane' },
  AttachmentContentFormat: { Base64: 'base64', Url: 'url', Eml: 'eml', ICalendar: 'iCalendar' },
  AttachmentType: { File: 'file', Item: 'item', Cloud: 'cloud', Base64: 'base64' },
  BodyMode: { FullBody: 0, HostConfig: 1 },
  ComposeType: { Reply: 'reply', NewMail: 'newMail', Forward: 'forward' },
  ItemNotificationMessageType: { ProgressIndicator: 'progressIndicator', InformationalMessage: 'informationalMessage', ErrorMessage: 'errorMessage', InsightMessage: 'insightMessage' },
  ItemType: { Message: 'message', Appointment: 'appointment' },
  RecipientType: { DistributionList: 'distributionList', User: 'user', ExternalUser: 'externalUser', Other: 'other' },
  RestVersion: { v1_0: 'v1.0', v2_0: 'v2.0', Beta: 'beta' },
} as const;

export const ThemeId = { Colorful: 0, DarkGray: 1, Black: 2, White: 3 } as const;
