import { AppError } from '../errors.ts';
import type { Provider } from './provider.ts';

/** The connected kinds of mailbox, by the service type of the wire contract. A provider is a folder and a line in main.ts. */
export interface Providers {
  /** Throws 400 `service.unsupported` for a kind that this server does not connect. */
  of(serviceType: string): Provider;
  readonly all: readonly Provider[];
}

export function createProviders(all: readonly Provider[]): Providers {
  return {
    all,
    of(serviceType) {
      const provider = all.find((p) => p.serviceType === serviceType);
      if (!provider) throw new AppError('service.unsupported', `serviceType: ${serviceType} is not connected by this server; it connects ${all.map((p) => p.serviceType).join(', ')}.`);
      return provider;
    },
  };
}
