/**
 * The registry's host from whatever names it (`https://r.example/v1/`, `r.example/acme/web`), as
 * Docker's command compares them. Docker Hub's many names are all `docker.io`.
 */
export function registryHost(name: string): string {
  const host = name
    .trim()
    .replace(/^https?:\/\//i, '')
    .split('/')[0]!
    .toLowerCase();
  return ['index.docker.io', 'registry-1.docker.io', 'docker.io', ''].includes(host)
    ? 'docker.io'
    : host;
}

/** Whether the Engine speaks plain HTTP to this host unasked: only on the machine itself. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/, '');
  return name === 'localhost' || name === '[::1]' || /^127(\.\d{1,3}){3}$/.test(name);
}

/** Where a registry's API is: plain HTTP only on the machine itself, no slash at the end. */
export function registryAddress(host: string): string {
  const scheme = isLoopback(host) ? 'http' : 'https';
  return `${scheme}://${host === 'docker.io' ? 'registry-1.docker.io' : host}`;
}

/**
 * Whether `host` may send us on to this address, by a redirect or as its token service. From
 * another machine never to plain HTTP, and never into this one by it; no address with a password.
 */
export function mayLeadTo(
  host: string,
  { protocol, host: next, username, password }: URL,
): boolean {
  if (username || password) return false;
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(host) && isLoopback(next));
}
