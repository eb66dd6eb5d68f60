import type { Build, Repository } from '../../queue/build.ts';
import type { OperatorUrl } from '../../queue/notify-values.ts';
import { getRepository } from '../../queue/repositories.ts';
import type { Notifier } from './notifier.ts';
import type { Target } from './target.ts';

/**
 * Everybody who is told of a build's end: the operator's targets first, for which nobody is asked, and
 * then those of the rules file at the build's commit, which is read again, so that no URL has to be kept. Throws on the way to the latter when the forge does not answer.
 */
export async function* targetsOf(notifier: Notifier, build: Build): AsyncGenerator<Target> {
  const repository = (await getRepository(notifier.store, build.repository.id)) ?? build.repository;
  yield* operatorTargets(notifier, repository);
  if (build.notifies) yield* await notifier.writtenTargets(repository, build.sha);
}

function operatorTargets({ notify }: Notifier, { fullName }: Repository): Target[] {
  const name = fullName.toLowerCase();
  const isMeant = ({ of }: OperatorUrl) => of === null || of === name || of === name.split('/')[0];
  return notify.urls.filter(isMeant).map(({ url }) => ({
    ...{ url, format: notify.format, on: null },
    from: 'operator',
  }));
}
