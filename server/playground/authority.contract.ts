import { z } from 'zod';
import { json, operation } from '../http/operation.ts';

/** The development Exchange: its signing keys in the form of the real one, and tokens for the playground's mailboxes. */
export const authorityContract = {
  exchangeMetadata: operation({
    method: 'get',
    path: '/playground/exchange/autodiscover/metadata/json/1',
    operationId: 'playgroundExchangeMetadata',
    tag: 'Playground',
    summary: 'Signing keys of the development Exchange',
    auth: 'none',
    response: json(z.record(z.string(), z.unknown())),
    errors: [],
    sundial: true,
    hidden: true,
  }),

  exchangeToken: operation({
    method: 'post',
    path: '/playground/exchange/token',
    operationId: 'playgroundExchangeToken',
    tag: 'Playground',
    summary: 'An identity token for a mailbox of the playground, as Outlook would give it to an add-in',
    auth: 'none',
    body: z.object({ mailbox: z.email() }),
    response: json(z.object({ token: z.string() })),
    errors: ['notFound', 'access.denied'],
    sundial: true,
    hidden: true,
  }),
} as const;
