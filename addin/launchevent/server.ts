/** Written in front of this file by the server, because an event in classic Outlook has no page that could say it. */
declare const SUNDIAL: { readonly publicUrl: string; readonly clientId: string } | undefined;

/**
 * One call to Sundial. Absolute, because the engine of classic Outlook knows no relative address. The
 * token is Exchange's identity token, and none where the body itself allows what is asked. Rejects for
 * every answer that is not a success.
 */
export function callServer<T>(method: string, path: string, body?: unknown, token?: string): Promise<T> {
  if (typeof SUNDIAL === 'undefined') return Promise.reject(new Error('This file was not served by Sundial.'));
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (token) {
    headers.authorization = `Bearer ${token}`;
    headers['x-aurinko-auth-type'] = 'exchangeIdToken';
    headers['x-aurinko-client-id'] = SUNDIAL.clientId;
  }
  const request: RequestInit = { method, headers };
  if (body !== undefined) request.body = JSON.stringify(body);
  return fetch(SUNDIAL.publicUrl + path, request).then((response) => {
    if (!response.ok) throw new Error(`Sundial answered ${response.status}.`);
    return response.json() as Promise<T>;
  });
}
