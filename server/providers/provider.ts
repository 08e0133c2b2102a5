/**
 * What a mailbox provider is to the features. What a provider cannot do it says as data, in
 * `capabilities`, with the reason a client is told; features ask for a capability, never for a name.
 */
export interface Provider {
  readonly serviceType: string;
  readonly capabilities: Capabilities;
}

export interface Capabilities {
  /** True: the server itself stores and sends; a step is sent exactly once. */
  readonly exactlyOnceSend: boolean;
}
