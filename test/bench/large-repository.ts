import { randomBytes } from 'node:crypto';
import type { Slipway } from '../system/start-slipway.ts';
import type { Repository } from './push-to-image.ts';

const fileCount = 5_000;
const fileSize = 10_000;

/** A repository of 50 MB in 5,000 files, all of which its image holds. */
export async function largeRepository({ github }: Slipway, name: string): Promise<Repository> {
  const repo = await github.createRepository('bench', name);
  const dockerfile = 'FROM slipway-test/base:1\nCOPY . /src\nRUN cat /src/run.txt\n';
  const many = Object.fromEntries(
    Array.from({ length: fileCount }, (_, i) => [
      `folder-${i % 50}/file-${i}.txt`,
      randomBytes(fileSize * 0.75).toString('base64'),
    ]),
  );
  const files = { Dockerfile: dockerfile, 'run.txt': 'first', ...many };
  await repo.commit({ files, branch: 'main' });
  return repo;
}
