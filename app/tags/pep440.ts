import { createRequire } from 'node:module';

/** The part of @renovate/pep440 that is used; it comes without types. */
type Pep440 = {
  valid(version: string): string | null;
  clean(version: string): string | null;
  explain(version: string): {
    is_prerelease: boolean;
    is_postrelease: boolean;
    is_devrelease: boolean;
  };
  major(version: string): number;
  minor(version: string): number;
  patch(version: string): number;
};

/** Versions of Python packages (https://peps.python.org/pep-0440). */
export const pep440 = createRequire(import.meta.url)('@renovate/pep440') as Pep440;
