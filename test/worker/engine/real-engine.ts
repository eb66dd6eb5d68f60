import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import type Docker from 'dockerode';
import tar from 'tar-fs';
import { buildImage } from '../../../worker/engine/build-image.ts';
import type { Builder, BuildRequest, BuiltImage } from '../../../worker/engine/build-request.ts';
import { connectEngine } from '../../../worker/engine/connect.ts';
import type { EngineLine } from '../../../worker/engine/plain-progress.ts';
import { removeImage } from '../../../worker/engine/push-image.ts';
import { type BuildContext, buildContext } from '../../../worker/git/context.ts';
import { folderTree } from '../../../worker/git/folder-tree.ts';
import { createMask } from '../../../worker/log/mask.ts';

/** The real Engine the tests run on. */
export const docker: Docker = connectEngine({ DOCKER_HOST: process.env.SLIPWAY_TEST_DOCKER_HOST });

/** A name nobody else uses: two runs of the tests may share an Engine. */
export const uniqueName = (what: string): string =>
  `slipway-test-${what}-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;

const programs = ['sh', 'sleep', 'echo', 'cat', 'printf', 'head', 'tr', 'yes', 'true', 'false'];

/**
 * A base image of nothing but busybox, made without a registry, and of more programs of this
 * machine with the libraries they need.
 */
export async function importBase(more: string[] = []): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-base-'));
  await mkdir(join(folder, 'bin'));
  await copyFile('/bin/busybox', join(folder, 'bin/busybox'));
  for (const program of programs) await symlink('busybox', join(folder, 'bin', program));
  for (const program of more) await addProgram(folder, program);
  const name = uniqueName('base');
  const progress = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    docker.importImage(packed(folder), { repo: name, tag: 'latest' }, (error, stream) =>
      error ? reject(error) : resolve(stream as NodeJS.ReadableStream),
    );
  });
  await new Promise((resolve, reject) => progress.resume().on('end', resolve).on('error', reject));
  await rm(folder, { recursive: true });
  return name;
}

async function addProgram(folder: string, program: string): Promise<void> {
  const run = promisify(execFile);
  const path = (await run('which', [program])).stdout.trim();
  await copyFile(path, join(folder, 'bin', program));
  const { stdout } = await run('ldd', [path]);
  for (const [, library = ''] of stdout.matchAll(/(?:^|=>)\s*(\/\S+) \(/gm)) {
    await mkdir(dirname(join(folder, library)), { recursive: true });
    await copyFile(library, join(folder, library));
  }
}

/** A build context with these files, as a worker makes it of a commit's. */
export async function contextOf(
  files: Record<string, string>,
  dockerfile = 'Dockerfile',
): Promise<BuildContext> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-context-'));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  const tree = await folderTree(folder, { id: '', committedAt: new Date(0) });
  contexts.push(folder);
  return buildContext(tree, { context: '.', dockerfile });
}

const contexts: string[] = [];

// tar-fs' types say less than it gives.
const packed = (folder: string): Readable => tar.pack(folder) as unknown as Readable;

/** A build of one Dockerfile, its log, and how it ended. */
export type TriedBuild = { lines: EngineLine[]; texts: string[]; tag: string } & (
  | { image: BuiltImage; error?: undefined }
  | { image?: undefined; error: unknown }
);

type TriedFiles = { files?: Record<string, string>; dockerfile?: string; builder?: Builder };

/** Builds, collects the log and catches what is thrown. */
export async function tryBuild(
  dockerfileText: string,
  more: Partial<BuildRequest> & TriedFiles = {},
): Promise<TriedBuild> {
  const { files = {}, dockerfile, builder = 'buildkit', ...request } = more;
  const lines: EngineLine[] = [];
  const tag = request.tag ?? `${uniqueName('built')}:latest`;
  const log = { lines, tag };
  try {
    const image = await buildImage(docker, builder, {
      context: await contextOf({ Dockerfile: dockerfileText, ...files }, dockerfile),
      sharedKey: uniqueName('key'),
      labels: {},
      tag,
      buildId: uniqueName('id'),
      signal: new AbortController().signal,
      mask: createMask(() => []),
      onLine: (line) => void lines.push(line),
      ...request,
    });
    return { ...log, image, texts: lines.map(({ text }) => text) };
  } catch (error) {
    return { ...log, error, texts: lines.map(({ text }) => text) };
  }
}

/** Takes away what the tests of one file made. */
export async function removeImages(names: string[]): Promise<void> {
  for (const folder of contexts) await rm(folder, { recursive: true, force: true });
  for (const name of names) await removeImage(docker, name);
}

/** The tags in the Engine under a name; used to see that nothing was left or made. */
export async function tagsOf(name: string): Promise<string[]> {
  const images = await docker.listImages({ filters: { reference: [name] } });
  return images.flatMap(({ RepoTags }) => RepoTags ?? []);
}

/** The command lines of all processes on this machine, words separated by spaces. */
export async function processes(): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-eo', 'args=']);
  return stdout.split('\n');
}
