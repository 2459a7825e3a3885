/** Publishes from outside the browser. Throws unless the server accepts it, as a page would wait in vain for the event. */
export async function send(method: 'POST' | 'PUT', url: string, body: unknown): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(url, { method, headers, body: JSON.stringify(body) });
  if (!response.ok) {
    throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
  }
}
