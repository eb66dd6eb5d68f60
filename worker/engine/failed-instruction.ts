import { type Dockerfile, type Instruction, readDockerfile, type Stage } from './dockerfile.ts';
import { canonicalImage, expandArguments } from './image-names.ts';

/**
 * The instruction of the Dockerfile that a vertex stands for, by the vertex' name: BuildKit names
 * an instruction `[build 2/3] RUN …` and the look-up of a base image `[internal] load metadata for
 * docker.io/library/node:22`. Null when no instruction fits: no line is better than a wrong one.
 */
export function failedInstruction(
  dockerfileText: string,
  vertexName: string,
  buildArgs: Record<string, string>,
): Instruction | null {
  const dockerfile = readDockerfile(dockerfileText);
  const image = /^(?:\[internal\] load metadata for|FROM) (\S+)/.exec(vertexName)?.[1];
  if (image) return instructionOfImage(dockerfile, image, buildArgs);
  const place = /^\[(?:[^\s\]]+\/[^\s\]]+ )?(?:([\w.-]+) )? *(\d+)\/\d+\] /.exec(
    vertexName.slice(0, 1000),
  );
  if (!place) return null;
  const [prefix, stageName, index] = place;
  const stage = stageNamed(dockerfile.stages, stageName?.toLowerCase() ?? null);
  return stage && instructionAt(stage, Number(index), vertexName.slice(prefix.length));
}

function stageNamed(stages: Stage[], name: string | null): Stage | null {
  // A single stage has no name in its vertexes, with or without AS.
  if (name === null) return stages.length === 1 ? stages[0]! : null;
  const number = /^stage-(\d+)$/.exec(name)?.[1];
  const unnamed = number === undefined ? undefined : stages[Number(number)];
  return stages.findLast((stage) => stage.name === name) ?? unnamed ?? null;
}

/**
 * The instruction with this number that reads like this. The text has to agree, since a base
 * image's ONBUILD instructions take numbers too; in it variables are expanded already.
 */
function instructionAt(stage: Stage, index: number, text: string): Instruction | null {
  const counted = countedInstructions(stage);
  const actual = squeeze(text);
  const byNumber = counted.get(index);
  if (byNumber && agrees(byNumber, actual)) return byNumber;
  const alike = [...counted.values()].filter((instruction) => agrees(instruction, actual));
  return alike.length === 1 ? alike[0]! : null;
}

/**
 * Instructions by the number BuildKit gives them: those that make a layer, after FROM, which has a
 * number itself unless it starts from nothing or from another stage (then both look the same from
 * here, so the text decides).
 */
function countedInstructions(stage: Stage): Map<number, Instruction> {
  const layers = stage.instructions.filter(
    ({ keyword, rest }) =>
      ['RUN', 'COPY', 'ADD'].includes(keyword) || (keyword === 'WORKDIR' && rest !== '/'),
  );
  const counted = stage.base.toLowerCase() === 'scratch' ? layers : [stage.from, ...layers];
  return new Map(counted.map((instruction, at) => [at + 1, instruction]));
}

/** Whether a vertex' text can be this instruction with its variables expanded. */
function agrees(instruction: Instruction, actual: string): boolean {
  // What stands between variables has to appear, in this order; a search that never goes back.
  const fixed = squeeze(`${instruction.keyword} ${instruction.rest}`).split(
    /\\.|\$\{[^}]{0,300}\}|\$\w+|["'\\]/,
  );
  if (!actual.startsWith(fixed[0]!)) return false;
  let at = 0;
  for (const part of fixed) {
    const found = actual.indexOf(part, at);
    if (found === -1) return instruction.rest.includes('<<') && at > 0;
    at = found + part.length;
  }
  return fixed.length > 1 || at === actual.length;
}

const squeeze = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** The FROM, or the COPY or RUN with `from=`, that names an image. */
function instructionOfImage(
  dockerfile: Dockerfile,
  image: string,
  buildArgs: Record<string, string>,
): Instruction | null {
  const isMeant = (reference: string): boolean =>
    canonicalImage(expandArguments(reference, dockerfile.args, buildArgs)) ===
    canonicalImage(image);
  for (const stage of dockerfile.stages) {
    if (isMeant(stage.base)) return stage.from;
    for (const instruction of stage.instructions)
      for (const [, reference] of instruction.rest.matchAll(/(?:--|[=,])from=([^\s,]+)/g))
        if (isMeant(reference!)) return instruction;
  }
  return null;
}
