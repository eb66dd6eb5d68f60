import { readDockerfile } from './dockerfile.ts';
import { canonicalImage, expandArguments } from './image-names.ts';

/**
 * The images that a Dockerfile takes from outside, by FROM, `COPY --from` and `RUN --mount=from`,
 * each in full and once. Stages and `scratch` are none. Null where a variable without a known value
 * stands in a name.
 */
export function externalImages(
  dockerfileText: string,
  buildArgs: Record<string, string>,
): string[] | null {
  const { args, stages } = readDockerfile(dockerfileText);
  const known = new Set<string>();
  const found = new Set<string>();
  const add = (reference: string): boolean => {
    const name = expandArguments(reference, args, buildArgs);
    if (name === '' || /[$\s]/.test(name)) return false;
    const isStage = known.has(name.toLowerCase()) || /^\d+$/.test(name) || name === 'scratch';
    if (!isStage) found.add(canonicalImage(name));
    return true;
  };
  for (const stage of stages) {
    if (!add(stage.base)) return null;
    if (stage.name) known.add(stage.name);
    for (const { rest } of stage.instructions)
      for (const [, reference = ''] of rest.matchAll(/(?:--|[=,])from=([^\s,]+)/g))
        if (!add(reference.replace(/^["']|["']$/g, ''))) return null;
  }
  return [...found];
}
