import ipaddr from 'ipaddr.js';

/**
 * What is stored of a remote address: the network, not the machine. IPv4 is cut to /24, IPv6 to /48;
 * an unreadable one is empty.
 */
export function shortenAddress(ip: string): string {
  const known = recent.get(ip);
  if (known !== undefined) return known;
  const shortened = shorten(ip);
  if (recent.size >= MOST_RECENT) recent.clear();
  if (ip.length <= LONGEST) recent.set(ip, shortened);
  return shortened;
}

/** Image proxies come from few addresses, again and again. */
const recent = new Map<string, string>();
const MOST_RECENT = 5000;
/** An address, not what a header claims to be one. */
const LONGEST = 45;

function shorten(ip: string): string {
  if (!ipaddr.isValid(ip)) return '';
  const address = ipaddr.process(ip);
  const bytes = address.toByteArray();
  const kept = address.kind() === 'ipv4' ? 3 : 6;
  return ipaddr.fromByteArray(bytes.map((byte, i) => (i < kept ? byte : 0))).toString();
}
