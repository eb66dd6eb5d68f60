import type { GitHubHost } from '../../queue/config.ts';

/**
 * The base of GitHub's API: github.com, a GHE.com tenant
 * (https://docs.github.com/en/enterprise-cloud@latest/admin/data-residency/about-github-enterprise-cloud-with-data-residency)
 * or an Enterprise Server.
 */
export function apiUrl({ GHE_HOST: host, GHE_PROTOCOL: protocol }: GitHubHost): string {
  if (!host) return 'https://api.github.com';
  return host.endsWith('.ghe.com') ? `https://api.${host}` : `${protocol}://${host}/api/v3`;
}

/** Where the repositories are cloned from. */
export const webUrl = ({ GHE_HOST: host, GHE_PROTOCOL: protocol }: GitHubHost): string =>
  host ? `${protocol}://${host}` : 'https://github.com';
