import type { RegistryClient } from '../registry/registry-client.ts';
import { registryAddress } from '../registry/registry-host.ts';
import { registryRequest } from '../registry/registry-request.ts';
import type { Repository } from '../registry/repository.ts';

/**
 * Begins the upload of a blob, which takes the right to push, and cancels it. Throws a RegistryError
 * where it may not be begun. See
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#post-then-put.
 */
export async function beginAndCancelUpload(
  client: RegistryClient,
  { host, path }: Repository,
): Promise<void> {
  const scope = `repository:${path}:pull,push`;
  const signal = new AbortController().signal;
  const common = { host, scope, headers: { 'content-length': '0' } };
  const begin = { ...common, path: `/v2/${path}/blobs/uploads/`, method: 'POST' } as const;
  const { headers } = await registryRequest(client, begin, signal);
  const base = registryAddress(host);
  const place = URL.canParse(headers.location ?? '', base)
    ? new URL(headers.location ?? '', base)
    : null;
  if (place?.origin !== new URL(base).origin) return;
  const cancel = { ...common, path: `${place.pathname}${place.search}`, method: 'DELETE' } as const;
  // Not every registry lets an upload be cancelled; what is begun only is removed by all of them.
  await registryRequest(client, cancel, signal).catch(() => {});
}
