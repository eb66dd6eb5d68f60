import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import type { z } from 'zod';
import { BuildFailed } from '../engine/build-errors.ts';
import { realPathInside } from '../git/inside.ts';
import { composeSchema, serviceKeys, type WrittenService } from './compose-schema.ts';
import { interpolate } from './interpolate.ts';

/** The services a test starts, each after those it depends on; `sut` is the last. */
export type Compose = { services: [name: string, service: WrittenService][]; folder: string };

/** No compose file of a test is larger, in bytes, or starts more services. */
const largest = 65_536;
const mostServices = 16;

/** Docker Hub's name of the service that is the test ("system under test"). */
const sut = 'sut';

/**
 * Reads a compose file of the checkout at `tree`, a path without links. `folder` of what it
 * returns is the file's, from which the file's own paths count, relative to the tree. Throws
 * BuildFailed with the place and what is possible instead.
 */
export async function readCompose(
  tree: string,
  file: string,
  variables: Record<string, string>,
): Promise<Compose> {
  const path = await realPathInside({ folder: tree, name: 'the repository' }, tree, file);
  if (path === null) throw new BuildFailed(`There is no ${file} in this commit.`);
  const info = await stat(path);
  if (!info.isFile()) throw new BuildFailed(`${file} is not a file.`);
  if (info.size > largest) throw new BuildFailed(`${file} is larger than 64 KiB.`);
  const { services } = checked(file, valuesOf(file, await readFile(path, 'utf8'), variables));
  return { services: inOrder(file, services), folder: dirname(file) };
}

function valuesOf(file: string, text: string, variables: Record<string, string>): unknown {
  try {
    return interpolate(parse(text, { merge: true, maxAliasCount: 100 }), variables);
  } catch (cause) {
    const [first = ''] = (cause as Error).message.split('\n');
    throw new BuildFailed(`${file} cannot be read: ${first}`, {}, { cause });
  }
}

function checked(file: string, values: unknown): z.infer<typeof composeSchema> {
  const result = composeSchema.safeParse(values);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = [file, issue?.path.join('.')].filter(Boolean).join(': ');
  if (issue?.code === 'unrecognized_keys' && issue.path.length === 2) {
    throw new BuildFailed(
      `${place} has ${issue.keys.join(', ')}, which a test cannot use; it can use ${serviceKeys.join(', ')}.`,
    );
  }
  throw new BuildFailed(`${place}: ${issue?.message}`);
}

/** `sut` and what it depends on, as `docker compose up sut` starts them. */
function inOrder(file: string, all: Record<string, WrittenService>): Compose['services'] {
  const started = new Map<string, WrittenService>();
  const visit = (name: string, from: string[]): void => {
    if (started.has(name)) return;
    if (from.includes(name))
      throw new BuildFailed(
        `${file}: services wait for each other: ${[...from, name].join(', ')}.`,
      );
    const service = Object.hasOwn(all, name) ? all[name] : undefined;
    if (!service) {
      const asked = from.length > 0 ? `, which ${from.at(-1)} needs` : '; it is what a test runs';
      throw new BuildFailed(`${file} has no service ${name}${asked}.`);
    }
    if (!service.image && !service.build)
      throw new BuildFailed(`${file}: services.${name} has neither build nor image.`);
    for (const needed of needs(service)) visit(needed, [...from, name]);
    started.set(name, service);
  };
  visit(sut, []);
  if (started.size > mostServices)
    throw new BuildFailed(`${file} starts ${started.size} services; ${mostServices} is the most.`);
  return [...started];
}

/** The services that must run before this one. */
const needs = ({ depends_on, links }: WrittenService): string[] => [
  ...Object.keys(depends_on),
  ...links.map((link) => link.split(':')[0] ?? ''),
];

/** Where a service is built from, as a rule's recipe says it: paths relative to the tree. */
export function recipeOf(folder: string, build: NonNullable<WrittenService['build']>) {
  const given = { dockerfile: 'Dockerfile', target: null, args: {}, ...build };
  return { ...given, context: join(folder, given.context).replace(/(.)\/$/, '$1') };
}
