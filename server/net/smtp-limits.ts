import type { SMTPServerSession } from 'smtp-server';
import { subscriberOf } from '../lib/subscriber.ts';
import { SmtpRefusal } from '../providers/provider.ts';

/** What a client of the inbound listener may use up. */
export interface SmtpLimits {
  /** Connections at a time: in all, and of one address as lib/subscriber.ts has it (loopback has only the first limit: it is we ourselves, or a proxy of ours). */
  readonly clients: number;
  readonly clientsOfAddress: number;
  /** Recipients of one message. */
  readonly recipients: number;
  /** Refused recipients of one connection: who asks for more is trying names. */
  readonly refusals: number;
  /** Milliseconds between two bytes. RFC 5321, 4.5.3.2.7 asks for at least five minutes. */
  readonly idle: number;
  /** Milliseconds of one connection: a byte now and then keeps it from being idle, and must not keep it for ever. */
  readonly connection: number;
}

export const SMTP_LIMITS: SmtpLimits = {
  clients: 200, clientsOfAddress: 50, recipients: 100, refusals: 20, idle: 5 * 60_000, connection: 60 * 60_000,
};

/** While a whole message is being committed, its connection is not cut: the answer would be lost and the message sent again. */
const COMMIT_MS = 30_000;

interface Client {
  readonly address: string;
  refusals: number;
  committing: boolean;
  timer: NodeJS.Timeout | undefined;
}

/** Counts what each connection uses; `cut` ends one that has had its time. */
export function countClients(limits: SmtpLimits, cut: (sessionId: string) => void) {
  const clients = new Map<string, Client>();
  const wait = (id: string, client: Client, ms: number): void => {
    client.timer = setTimeout(() => (client.committing ? wait(id, client, COMMIT_MS) : cut(id)), ms).unref();
  };
  return {
    /** Throws where the address has too many already. */
    opened({ id, remoteAddress }: Pick<SMTPServerSession, 'id' | 'remoteAddress'>): void {
      const address = subscriberOf(remoteAddress);
      const others = [...clients.values()].filter((c) => c.address === address).length;
      if (others >= limits.clientsOfAddress && !isLoopback(remoteAddress)) throw new SmtpRefusal(421, '4.7.0', 'Too many connections from your address');
      const client: Client = { address, refusals: 0, committing: false, timer: undefined };
      clients.set(id, client);
      wait(id, client, limits.connection);
    },
    closed({ id }: Pick<SMTPServerSession, 'id'>): void {
      clearTimeout(clients.get(id)?.timer);
      clients.delete(id);
    },
    /** The refusal to answer: the last one ends the connection. */
    refused({ id }: SMTPServerSession, refusal: SmtpRefusal): SmtpRefusal {
      const client = clients.get(id);
      if (!client || ++client.refusals < limits.refusals) return refusal;
      return new SmtpRefusal(421, '4.7.0', 'Too many unknown recipients');
    },
    committing({ id }: SMTPServerSession, yes: boolean): void {
      const client = clients.get(id);
      if (client) client.committing = yes;
    },
  };
}

const isLoopback = (address: string): boolean => address === '::1' || address.startsWith('127.');
