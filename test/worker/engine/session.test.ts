import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BuildFailed } from '../../../worker/engine/build-errors.ts';
import { docker, importBase, removeImages, tryBuild, uniqueName } from './real-engine.ts';

let base: string;
const made: string[] = [];

beforeAll(async () => {
  base = await importBase();
});
afterAll(async () => removeImages([...made, base]));

const secretsOf = (values: Record<string, string>) =>
  new Map(Object.entries(values).map(([name, value]) => [name, Buffer.from(value)]));

/** A Dockerfile whose RUN prints what it finds where a secret would be, cached by nobody. */
const printing = (...ids: string[]) =>
  [
    `FROM ${base}`,
    `ENV ONLY=${uniqueName('x')}`,
    ...ids.map((id) => `RUN --mount=type=secret,id=${id} cat /run/secrets/${id}`),
    '',
  ].join('\n');

const outputs = (built: { texts: string[] }) =>
  built.texts.flatMap((text) => /^#\d+ \d+\.\d{3} (.*)$/.exec(text)?.[1] ?? []);

describe('a secret', () => {
  test('reaches the RUN that mounts it, byte for byte, and is in no layer and no record', async () => {
    const value = `äöü ${uniqueName('value')}`;
    const built = await tryBuild(`${printing('one', 'two')}RUN cat /run/secrets/one || true\n`, {
      secrets: secretsOf({ one: value, two: 'the second' }),
    });
    made.push(built.tag);
    expect(built.error).toBeUndefined();
    const said = outputs(built);
    expect(said.slice(0, 2)).toEqual([value, 'the second']);
    expect(said[2]).toMatch(/No such file/);
    const image = docker.getImage(built.tag);
    const kept = JSON.stringify([await image.inspect(), await image.history()]);
    expect(kept).not.toContain(value);
    const chunks: Buffer[] = [];
    for await (const chunk of await image.get()) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).includes(value)).toBe(false);
  });

  test('that nobody gave is missing, and the build goes on without it', async () => {
    const built = await tryBuild(printing('other'), { secrets: secretsOf({ one: 'given' }) });
    expect(built.error).toBeInstanceOf(BuildFailed);
    expect(outputs(built)[0]).toMatch(/No such file/);
  });

  test('that is required and not given is the repository’s fault', async () => {
    const required = printing('other').replace('id=other', 'id=other,required=true');
    const { error } = await tryBuild(required, { secrets: secretsOf({ one: 'given' }) });
    expect(error).toBeInstanceOf(BuildFailed);
    const without = await tryBuild(required);
    expect(without.error).toBeInstanceOf(BuildFailed);
  });

  test('lasts through a build in which nothing happens for longer than the health check', async () => {
    const dockerfile = printing('late').replace('cat /run', 'sleep 6; cat /run');
    const built = await tryBuild(`${dockerfile}RUN --mount=type=secret,id=late sleep 6\n`, {
      secrets: secretsOf({ late: 'still here' }),
    });
    made.push(built.tag);
    expect(built.error).toBeUndefined();
    expect(outputs(built)).toContain('still here');
  });

  test('makes no cache for others: whoever has another scope, or none, runs the RUN anew', async () => {
    const dockerfile = printing('one');
    const mine = { secrets: secretsOf({ one: 'mine' }), cacheScope: 'slipway-7' };
    const yours = { secrets: secretsOf({ one: 'yours' }), cacheScope: 'slipway-8' };
    const builds = [
      await tryBuild(dockerfile, mine),
      await tryBuild(dockerfile, yours),
      await tryBuild(dockerfile, mine),
      await tryBuild(dockerfile),
    ];
    made.push(...builds.map(({ tag }) => tag));
    expect(builds.slice(0, 3).map(outputs)).toEqual([['mine'], ['yours'], []]);
    expect(builds.slice(0, 3).map(({ image }) => image?.cached)).toEqual([0, 0, 1]);
    expect(outputs(builds[3]!)[0]).toMatch(/No such file/);
  });
});
