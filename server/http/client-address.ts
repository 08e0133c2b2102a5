import type { IncomingMessage } from 'node:http';

/** Express's own reading of TRUSTED_PROXIES: whether the address, `hop` steps away, is one of them. */
export type TrustsProxy = (address: string, hop: number) => boolean;

/** Who asks, as Express's `req.ip` has it, for what runs in front of Express: the nearest that is no proxy of ours. */
export function clientAddress(req: IncomingMessage, trusts: TrustsProxy): string {
  const nearest = req.socket.remoteAddress ?? '';
  const forwarded = req.headers['x-forwarded-for'];
  if (forwarded === undefined) return nearest;
  const hops = [nearest, ...String(forwarded).split(',').map((address) => address.trim()).reverse()];
  return hops.find((address, hop) => !trusts(address, hop)) ?? hops.at(-1)!;
}
