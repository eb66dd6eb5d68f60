import { expect, test } from '@jest/globals';
import { failureAddress, logSection } from '../../../app/pages/build-log.ts';
import type { StoredBuild } from '../../../queue/build-store.ts';
import { newBuild } from '../../queue/new-build.ts';

const build = (lines: number, logBytes = 1) =>
  ({
    ...newBuild(),
    ...{ state: 'failed', step: 'build', failure: null, lines, logBytes, logRemovedAt: null },
  }) as unknown as StoredBuild;

/** Lines of a part of a log; the number of the one that `#failure` leads to, if there is one. */
const ledTo = async (of: StoredBuild, texts: string[], first: number) => {
  const lines = texts.map((text, at) => ({
    ...{ n: first + at, text, step: 'build', stream: /^#/.test(text) ? 'status' : 'stdout' },
  }));
  const part = { lines: lines as Parameters<typeof logSection>[1]['lines'], first };
  const page = String(await logSection(of, { ...part, last: first + texts.length - 1 }));
  return /id="L(\d+)"><a [^>]*><\/a><span id="failure">/.exec(page)?.[1];
};

test('where a failed build’s log tells why is an address, on the part of a long log that has it', async () => {
  expect(failureAddress(build(1_000))).toBe('#failure');
  expect(failureAddress(build(1_000, 600_000))).toBe('?line=800#failure');
  expect(failureAddress(build(5_000))).toBe('?line=4800#failure');
  expect(await ledTo(build(4), ['a', '#5 ERROR: exit', 'b', 'c'], 1)).toBe('2');
  expect(await ledTo(build(4), ['a', 'b', 'c', 'd'], 1)).toBe('4');
  expect(await ledTo(build(5_000), ['y', 'z'], 4_999)).toBe('5000');
  // The step goes on after this part.
  expect(await ledTo(build(5_000), ['a', 'b'], 1)).toBeUndefined();
});
