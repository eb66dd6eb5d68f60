/** A submodule as `.gitmodules` describes it. */
export type Submodule = { path: string; url: string; isWanted: boolean };

/** More submodules than these, or deeper ones, are a mistake or an attack. */
export const submoduleLimits = { count: 100, depth: 5 };

/**
 * The submodules in what `git config --null --list` printed for a `.gitmodules`; one that has no
 * path or no URL is none, as for git. `update = none` means that a clone leaves its folder empty.
 */
export function readSubmodules(listing: string): Submodule[] {
  const sections = new Map<string, Record<string, string>>();
  for (const line of listing.split('\0')) {
    const [, name, key, value] = /^submodule\.(.*)\.([^.\n]+)\n(.*)$/s.exec(line) ?? [];
    if (name === undefined || key === undefined || value === undefined) continue;
    sections.set(name, { ...sections.get(name), [key]: value });
  }
  return [...sections.values()].flatMap(({ path, url, update }) =>
    path && url ? { path: path.replace(/\/+$/, ''), url, isWanted: update !== 'none' } : [],
  );
}

/**
 * The `owner/name` that a submodule's URL means, if that is a repository beside its parent, whose
 * clone URL is given: a relative URL, or any that names the same host over https, ssh or git. Null
 * for every other one, since fetching it could reach machines that only the worker can.
 */
export function repositoryOf(parentUrl: string, url: string): string | null {
  const { base, fullName } = splitCloneUrl(parentUrl);
  const path = /^\.\.?\//.test(url) ? relativePath(fullName, url) : pathOnHost(new URL(base), url);
  const [, found = null] =
    /^\/*([A-Za-z0-9][\w-]*\/(?!\.{1,2}(?:\.git)?\/*$)[\w.-]+?)(?:\.git)?\/*$/.exec(path ?? '') ??
    [];
  return found;
}

/** The clone URL of another repository beside one. */
export const cloneUrlBeside = (url: string, fullName: string): string =>
  `${splitCloneUrl(url).base}/${fullName}.git`;

/** A URL for people to read: clipped, and without what may be a password. */
export const shownUrl = (url: string): string => {
  const bare = url.replace(/^(\w[\w+.-]*:\/\/)[^/]*@/, '$1').replace(/[\0-\x1f\x7f]/g, '?');
  return bare.length > 200 ? `${bare.slice(0, 200)}…` : bare;
};

function splitCloneUrl(url: string): { base: string; fullName: string } {
  const [, base = url, fullName = ''] = /^(.+?)\/([^/]+\/[^/]+?)(?:\.git)?$/.exec(url) ?? [];
  return { base, fullName };
}

function relativePath(fullName: string, url: string): string | null {
  const parts = fullName.split('/');
  for (const part of url.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return null;
  }
  return parts.join('/');
}

/** The path in an absolute URL of the base's host; null for another host or kind of URL. */
function pathOnHost(base: URL, url: string): string | null {
  const [, scpHost, scpPath] = /^(?:[\w.-]+@)?([\w.-]+):(?!\/\/)(.+)$/.exec(url) ?? [];
  if (scpHost && scpPath) return isSshHost(base, scpHost) ? scpPath : null;
  if (!URL.canParse(url)) return null;
  const { protocol, host, hostname, pathname } = new URL(url);
  if (/^(?:git\+)?ssh:$/.test(protocol)) return isSshHost(base, hostname) ? pathname : null;
  if (!['https:', 'http:', 'git:'].includes(protocol)) return null;
  const above = base.pathname.replace(/\/*$/, '/');
  return host === base.host && pathname.startsWith(above) ? pathname.slice(above.length) : null;
}

/** GitHub also has `ssh.github.com`, for networks that let only port 443 pass. */
const isSshHost = ({ hostname }: URL, host: string): boolean =>
  [hostname, `ssh.${hostname}`].includes(host.toLowerCase());
