import type { ContainerCreateOptions, HealthConfig } from 'dockerode';
import { split } from 'shlex';
import type { WrittenService } from './compose-schema.ts';

/** Where a service's container belongs. */
export type Place = { project: string; name: string; image: string; aliases: string[] };

/** A service of a compose file as the Engine takes it, on the project's one network. */
export function containerOptions(
  service: WrittenService,
  { project, name, image, aliases }: Place,
): ContainerCreateOptions {
  const { command, entrypoint, working_dir, user, hostname, tmpfs, volumes } = service;
  return {
    name: `${project}-${name}`,
    Image: image,
    Env: Object.entries(service.environment).map(([key, value]) => `${key}=${value}`),
    ...(command != null && { Cmd: wordsOf(command) }),
    ...(entrypoint != null && { Entrypoint: wordsOf(entrypoint) }),
    ...(working_dir !== undefined && { WorkingDir: working_dir }),
    ...(user !== undefined && { User: user }),
    ...(hostname !== undefined && { Hostname: hostname }),
    ...(service.healthcheck && { Healthcheck: health(service.healthcheck) }),
    HostConfig: {
      NetworkMode: project,
      Tmpfs: Object.fromEntries(tmpfs.map((path) => [path, ''])),
      Mounts: volumes.map((volume) => mount(project, volume)),
    },
    NetworkingConfig: { EndpointsConfig: { [project]: { Aliases: [name, ...aliases] } } },
  };
}

/** A text is split as a shell would, but no shell runs it. */
const wordsOf = (words: string | string[]): string[] =>
  typeof words === 'string' ? split(words) : words;

function mount(project: string, volume: string) {
  const [target = '', name] = volume.replace(/:rw$/, '').split(':').reverse();
  return {
    Type: 'volume' as const,
    Target: target,
    Source: name === undefined ? '' : volumeName(project, name),
  };
}

/** The Engine's name of a volume that services of a project share. */
export const volumeName = (project: string, name: string): string => `${project}-${name}`;

/** The shared volumes of a service, by the names the file gives them. */
export const namedVolumes = ({ volumes }: WrittenService): string[] =>
  volumes.flatMap((volume) => /^([^/:]+):/.exec(volume)?.[1] ?? []);

function health(check: NonNullable<WrittenService['healthcheck']>): HealthConfig {
  const { test, interval, timeout, start_period, retries, disable } = check;
  if (disable) return { Test: ['NONE'] };
  return {
    ...(test !== undefined && { Test: typeof test === 'string' ? ['CMD-SHELL', test] : test }),
    ...(interval !== undefined && { Interval: nanoseconds(interval) }),
    ...(timeout !== undefined && { Timeout: nanoseconds(timeout) }),
    ...(start_period !== undefined && { StartPeriod: nanoseconds(start_period) }),
    ...(retries !== undefined && { Retries: retries }),
  };
}

const units: Record<string, number> = { h: 3.6e12, m: 6e10, s: 1e9, ms: 1e6, us: 1e3, ns: 1 };

const nanoseconds = (text: string): number =>
  [...text.matchAll(/([\d.]+)(h|ms|us|ns|m|s)/g)].reduce(
    (sum, [, count, unit]) => sum + Math.round(Number(count) * (units[unit ?? 's'] ?? 1)),
    0,
  );
