import { quoted } from '../tags/quoted.ts';

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const host = `(?:${label}(?:\\.${label})*|\\[[0-9a-fA-F:]+\\])(?::[0-9]{1,5})?`;

/** One component of a repository's name in a registry (OCI distribution specification, "Pulling manifests"). */
export const nameComponent = new RegExp(`^${component}$`);

/**
 * Where an image goes: a registry's host and port, and a repository's name in it; no scheme, tag
 * or digest (https://github.com/distribution/reference/blob/main/reference.go).
 */
export const imageReference = new RegExp(`^(?:${host}/)?${component}(?:/${component})*$`);

/** What is said of a text that is no such name. */
export const noImageName = (text: string): string =>
  `${quoted(text)} is no image name; it must be like registry.example.com:5000/owner/name, ` +
  'in lower case, without https://, tag or digest';
