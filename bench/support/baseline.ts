import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { securityHeaders } from '../../server/http/headers.ts';

/** The same bytes and headers as a pixel, and nothing else: what the machine and node:http make possible. */
const GIF = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64');
const HEADERS = { ...securityHeaders('pixel', { frameOrigins: [], secure: false }), 'Content-Type': 'image/gif', 'Content-Length': String(GIF.length) };

const server = createServer((_req, res) => {
  res.writeHead(200, HEADERS);
  res.end(GIF);
});
server.listen(0, '127.0.0.1', () => console.log(`listening ${(server.address() as AddressInfo).port}`));
process.on('SIGTERM', () => process.exit(0));
