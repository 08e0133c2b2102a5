import { request } from 'node:http';
import { createServer, type Server } from 'node:https';

/**
 * HTTPS on this machine in front of a server on loopback, for Outlook, which opens nothing else. Streams
 * pass as they come; a request that is broken off is broken off behind too. Rejects where the port or
 * the certificate cannot be used.
 */
export function listenHttps(pem: { readonly cert: Buffer | string; readonly key: Buffer | string }, port: number, target: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ ...pem }, (req, res) => {
      const headers = { ...req.headers, 'x-forwarded-for': req.socket.remoteAddress ?? '', 'x-forwarded-proto': 'https' };
      const onward = request({ host: '127.0.0.1', port: target, method: req.method, path: req.url, headers }, (answer) => {
        res.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(res);
      });
      onward.on('error', () => {
        if (res.headersSent) return void res.destroy();
        res.writeHead(502, { 'content-type': 'text/plain' });
        res.end('Sundial does not answer yet.\n');
      });
      res.on('close', () => onward.destroy());
      req.pipe(onward);
    });
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve(server));
  });
}
