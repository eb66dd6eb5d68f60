import { createHash } from 'node:crypto';
import type { Build } from '../../queue/build.ts';
import type { BuildContext } from '../git/context.ts';
import { visibleEntries } from './visible-entries.ts';

/** What a build is made from. */
export type Inputs = {
  build: Pick<Build, 'image' | 'labels' | 'recipe' | 'pullRequest' | 'repository'>;
  context: BuildContext;
  /** What stands for each base image's content, by its name in full. */
  bases: Record<string, string>;
  /** The Engine's own platform, for a build that names none. */
  platform: string;
};

/** Another one means that images of before are not looked at. */
const version = 2;

/** The labels that differ from commit to commit of the same content. */
const commitLabels = ['created', 'revision', 'version'].map(
  (name) => `org.opencontainers.image.${name}`,
);

/**
 * A text that is the same for two builds exactly if their images are interchangeable: all that the
 * Dockerfile can see of the context, the Dockerfile, arguments, target, platform, base images,
 * secrets by name, the test, and the labels that say nothing of the commit. Null where something is
 * not understood, which is then built.
 */
export function fingerprint({ build, context, bases, platform }: Inputs): string | null {
  const { recipe, labels, image, repository } = build;
  const files = filesOf(context);
  if (files === null) return null;
  const { args, target, secrets, ssh, platforms, test } = recipe;
  const lasting = Object.entries(labels).filter(([name]) => !commitLabels.includes(name));
  const inputs = {
    ...{
      version,
      repository: repository.id,
      image,
      files,
      bases: sorted(Object.entries(bases)),
      target,
      test,
    },
    dockerfile: context.dockerfileText,
    args: sorted(Object.entries(args)),
    labels: sorted(lasting),
    ...{ secrets: [...secrets].sort(), ssh: [...ssh].sort() },
    platforms: platforms.length > 0 ? [...platforms].sort() : [platform],
    // A compose file may name any other file of the repository.
    tree: test && 'compose' in test ? context.tree.id : null,
  };
  return createHash('sha256').update(JSON.stringify(inputs)).digest('hex');
}

/** Where content is known by git's ids; else everything, by the whole tree's. */
function filesOf(context: BuildContext): unknown {
  const entries = visibleEntries(context);
  if (entries === null) return null;
  if (entries.every(({ type, id }) => type === 'folder' || id !== ''))
    return entries.map(({ name, type, mode, link, id }) => [
      ...[name, type, mode, link],
      type === 'folder' ? '' : id,
    ]);
  return [context.tree.id, context.folder];
}

const sorted = <T>(entries: [string, T][]): [string, T][] =>
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
