/**
 * What Outlook runs by itself while the pane is closed. Classic Outlook runs this one file without a
 * page, so nothing here may touch a document, import anything or wait for the network.
 *
 * Sending is never held up: the only answer to Send is yes, at once. What makes a message tracked was
 * put on it when the person turned the switch in the pane.
 */
function onNewMessageCompose(event: Office.AddinCommands.Event): void {
  event.completed();
}

function onMessageSend(event: Office.AddinCommands.Event): void {
  event.completed({ allowEvent: true });
}

Office.actions.associate('onNewMessageCompose', onNewMessageCompose);
Office.actions.associate('onMessageSend', onMessageSend);

export {};
