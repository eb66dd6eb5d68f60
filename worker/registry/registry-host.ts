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
