import { randomUUID } from 'node:crypto';
import type Docker from 'dockerode';
import { visibleDataRoot } from '../disk/data-root.ts';
import type { Builder } from './build-request.ts';
import { engineBuilder } from './connect.ts';

/** What a build needs to know of the Engine it runs on. */
export type EngineFacts = {
  /** The same for as long as the Engine keeps its data, and no other Engine's. */
  id: string;
  /** What it builds for unless it is told otherwise: `linux/amd64`. */
  platform: string;
  builder: Builder;
  /** The folder with its data where that is on this machine, see {@link visibleDataRoot}. */
  dataRoot: string | null;
};

/** How long the facts are taken for true, in milliseconds: an Engine may be updated or emptied. */
const lasts = 60_000;

/** Asks the Engine, and again when the answer is old. */
export function askEngine(docker: Docker): () => Promise<EngineFacts> {
  let known: { facts: Promise<EngineFacts>; until: number } | null = null;
  return () => {
    if (known && Date.now() < known.until) return known.facts;
    const facts = factsOf(docker);
    const asked = { facts, until: Date.now() + lasts };
    known = asked;
    facts.catch(() => {
      if (known === asked) known = null;
    });
    return facts;
  };
}

async function factsOf(docker: Docker): Promise<EngineFacts> {
  const [id, { Os, Arch }, builder] = await Promise.all([
    identity(docker),
    docker.version(),
    engineBuilder(docker),
  ]);
  const dataRoot = await visibleDataRoot(docker, id);
  return { id, platform: `${Os}/${Arch}`, builder, dataRoot };
}

const label = 'slipway.engine';

/**
 * The name of a volume that is made for nothing else: the Engine's own id belongs to its machine,
 * and stays when its layers are gone.
 */
async function identity(docker: Docker): Promise<string> {
  const named = await namesIn(docker);
  if (named[0]) return named[0];
  const id = `slipway-engine-${randomUUID()}`;
  await docker.createVolume({ Name: id, Labels: { [label]: id } });
  // Two workers may have found none at the same time: both take the first now.
  return (await namesIn(docker))[0] ?? id;
}

async function namesIn(docker: Docker): Promise<string[]> {
  const { Volumes } = await docker.listVolumes({ filters: { label: [label] } });
  return (Volumes ?? []).map(({ Name }) => Name).sort();
}
