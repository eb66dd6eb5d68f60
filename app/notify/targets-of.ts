import type { Build, Repository } from '../../queue/build.ts';
import type { OperatorUrl } from '../../queue/notify-values.ts';
import { getRepository } from '../../queue/repositories.ts';
import { AccessEnded } from '../forge.ts';
import { readRules, rulesPath } from '../rules/read-rules.ts';
import type { Notifier } from './notifier.ts';
import type { Target } from './target.ts';

/**
 * Everybody who is told of a build's end: the operator's targets first, for which nobody is asked, and
 * then those of the rules file at the build's commit, which is read again each time, so that no URL has
 * to be kept. Throws on the way to the latter when the forge does not answer.
 */
export async function* targetsOf(notifier: Notifier, build: Build): AsyncGenerator<Target> {
  const repository = (await getRepository(notifier.store, build.repository.id)) ?? build.repository;
  yield* operatorTargets(notifier, repository);
  if (build.notifies) yield* await writtenTargets(notifier, repository, build);
}

function operatorTargets({ notify }: Notifier, { fullName }: Repository): Target[] {
  const name = fullName.toLowerCase();
  const isMeant = ({ of }: OperatorUrl) => of === null || of === name || of === name.split('/')[0];
  return notify.urls.filter(isMeant).map(({ url }) => ({
    ...{ url, format: notify.format, on: null },
    from: 'operator',
  }));
}

async function writtenTargets(
  { forge }: Notifier,
  repository: Repository,
  { sha }: Build,
): Promise<Target[]> {
  try {
    const content = await forge.readFile(repository, sha, rulesPath);
    const read = typeof content === 'string' ? readRules(content) : { mistakes: [] };
    if ('mistakes' in read) return [];
    return read.notify.map(({ url, format, on }) => ({
      ...{ url, format, on: on ?? null },
      from: 'rules file',
    }));
  } catch (error) {
    // Whose rules may not be read any longer has nobody else to be told.
    if (error instanceof AccessEnded) return [];
    throw error;
  }
}
