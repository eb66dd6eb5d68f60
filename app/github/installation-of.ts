import type { Repository } from '../../queue/build.ts';
import { AccessEnded } from '../forge.ts';

/** The installation that covers a repository, as far as we were told. Throws AccessEnded for none. */
export function installationOf({ installationId, fullName }: Repository): number {
  if (installationId !== null) return installationId;
  throw new AccessEnded(`The GitHub App is not installed on ${fullName}.`);
}
