import { quoted } from './quoted.ts';
import { fieldsOf, TagMistake } from './tag-line.ts';

/** What holds for every tag of a rule; see https://github.com/docker/metadata-action#flavor-input. */
export type Flavor = {
  latest: 'auto' | 'true' | 'false';
  prefix: string;
  suffix: string;
  /** Whether `latest` gets the prefix, and whether it gets the suffix. */
  prefixLatest: boolean;
  suffixLatest: boolean;
};

/** Reads `latest=…`, `prefix=…`, `suffix=…` and `onlatest=…` lines. Throws TagMistake. */
export function readFlavor(lines: string[]): Flavor {
  const flavor: Flavor = {
    ...{ latest: 'auto', prefix: '', suffix: '' },
    ...{ prefixLatest: false, suffixLatest: false },
  };
  for (const line of lines) {
    let last: 'prefix' | 'suffix' | undefined;
    for (const field of fieldsOf(line)) {
      const at = field.indexOf('=');
      const key = field.slice(0, Math.max(at, 0)).trim().toLowerCase();
      const value = field.slice(at + 1).trim();
      if (key === 'latest') flavor.latest = choice(key, value, ['auto', 'true', 'false']);
      else if (key === 'prefix' || key === 'suffix') {
        flavor[key] = value;
        last = key;
      } else if (key === 'onlatest') {
        const isOn = choice(key, value, ['true', 'false']) === 'true';
        if (last) flavor[`${last}Latest`] = isOn;
      } else {
        const allowed = 'latest=, prefix=, suffix= and onlatest=';
        throw new TagMistake(`${quoted(field)} is no flavor; allowed are ${allowed}.`);
      }
    }
  }
  return flavor;
}

function choice<T extends string>(key: string, value: string, allowed: T[]): T {
  if (allowed.includes(value as T)) return value as T;
  throw new TagMistake(`${quoted(value)} is no value of ${key}; use ${allowed.join(', ')}.`);
}
