import { flagsOf, readDockerfile, triggerOf } from './dockerfile.ts';
import { canonicalImage, expandArguments, isReference } from './image-names.ts';
import { isPlain } from './plain-dockerfile.ts';

/**
 * The images that a Dockerfile takes from outside, by FROM, `COPY --from` and `RUN --mount=from`,
 * each in full and once. Stages and `scratch` are none. Null where one is no name of an image, or
 * BuildKit may read other names than are read here.
 */
export function externalImages(
  dockerfileText: string,
  buildArgs: Record<string, string>,
): string[] | null {
  if (!isPlain(dockerfileText)) return null;
  const { args, stages } = readDockerfile(dockerfileText);
  const known = new Set<string>();
  const found = new Set<string>();
  const add = (name: string, mayBeNumber: boolean): boolean => {
    if (!/^[\w./:@-]+$/.test(name)) return false;
    const isStage = known.has(name.toLowerCase()) || (mayBeNumber && /^\d+$/.test(name));
    if (isStage || name === 'scratch') return true;
    const canonical = canonicalImage(name);
    found.add(canonical);
    return isReference(canonical);
  };
  for (const stage of stages) {
    if (!add(expandArguments(stage.base, args, buildArgs), false)) return null;
    if (stage.name) known.add(stage.name);
    for (const instruction of stage.instructions) {
      const flags = flagsOf(
        instruction.keyword === 'ONBUILD' ? triggerOf(instruction) : instruction,
      );
      for (const [, reference = ''] of flags.matchAll(/(?:--|[=,])from=([^\s,]+)/gi))
        if (!add(reference, true)) return null;
    }
  }
  return [...found];
}
