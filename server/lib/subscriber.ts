import ipaddr from 'ipaddr.js';

/**
 * Whom limits count as one: an IPv4 address, or the /64 of an IPv6 address, which is the least that one
 * customer of a provider is given (RFC 6177) and in which he can take a new address for every request.
 * What is no address is itself.
 */
export function subscriberOf(ip: string): string {
  if (!ipaddr.isValid(ip)) return ip;
  const address = ipaddr.process(ip);
  if (address.kind() === 'ipv4') return address.toString();
  return `${ipaddr.fromByteArray(address.toByteArray().map((byte, i) => (i < 8 ? byte : 0))).toString()}/64`;
}
