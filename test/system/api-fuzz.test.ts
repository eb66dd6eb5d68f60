import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import { ask, type Question } from './ask.ts';
import { type BuildJson, cancel, dockerfile, pushNew } from './builds.ts';
import { type Description, type Judge, judgeOf } from './described.ts';
import { buildOfOurs } from './log-scene.ts';
import { type Slipway, startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

jest.setTimeout(120_000);

/** The same requests each time; another seed finds others. */
const seed = 20_261_125;

let slipway: Slipway;
let description: Description;
let judge: Judge;
/** What is there, so that not every request asks after nothing. */
let ids: string[];
let told: string;
let tokens: string[];

beforeAll(async () => {
  // Nobody listens there: what is told is tried again and stays on the list.
  const notify = { NOTIFY_URL: 'http://127.0.0.1:1/', NOTIFY_ALLOW: '127.0.0.1' };
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  slipway = await startSlipway({ workers: 0, env: { ...notify, NOTIFY_SECRET: secret } });
  const answer = await ask(slipway.url, { method: 'GET', path: '/api/openapi.json' });
  description = JSON.parse(answer.text) as Description;
  judge = judgeOf(description);
  const { repo, sha } = await pushNew(slipway, 'web', 'true');
  const cancelled = await planned(sha);
  await cancel(slipway, cancelled);
  const next = await repo.commit({ files: dockerfile('true'), message: 'next' });
  await repo.push({ ref: 'refs/heads/main', after: next });
  const queued = await planned(next);
  const ours = await buildOfOurs(slipway);
  await ours.print(['a line', '\u001b[31mred\u0000']);
  await ours.end();
  ours.close();
  const writer = slipway.github.user('will', { access: { 'acme/web': 'write' } });
  told = await until('the end is told', () => notifiedTo(writer.token));
  ids = [ours.id, ours.id, cancelled.id, cancelled.id, queued.id];
  const reader = slipway.github.user('ray', { access: { 'acme/web': 'read' } });
  tokens = [writer.token, writer.token, reader.token, 'gho_nobodys', '\u00ff"\\'];
});
afterAll(async () => {
  const { violations } = slipway.github;
  await slipway.stop();
  expect(violations).toEqual([]);
});

/** The build of a commit, as soon as there is one; no worker takes it. */
const planned = (sha: string): Promise<BuildJson> =>
  until('it is planned', async () => (await slipway.build(sha)) as BuildJson | undefined);

/** The id of a notification of the repository, if there is one yet. */
async function notifiedTo(token: string): Promise<string | undefined> {
  const path = '/api/repos/acme/web/notifications';
  const headers = { authorization: `Bearer ${token}` };
  const { text } = await ask(slipway.url, { method: 'GET', path, headers });
  return (JSON.parse(text) as { notifications: { id: string }[] }).notifications[0]?.id;
}

const hostile = fc.oneof(
  fc.constantFrom(
    ...['', '0', '-1', '1e400', 'NaN', 'null', 'true', '[]', '{}', '..', '../..', '%', '%00', "'"],
    ...['\0', '\n', '\u202e', '\ud800', '💣'.repeat(20), 'x'.repeat(3_000), '__proto__', '*', ':'],
    ...['refs/heads/main', 'main', '{{7*7}}', '<script>', '$(id)', 'constructor', '-- ', '\\'],
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.integer().map(String),
);

/** As it may stand in a path: percent-encoded, or as it is where a path may hold it. */
const inUrl = (text: string, isRaw: boolean): string =>
  isRaw && /^[\w.~!$&'()*+,;=:@%/-]+$/.test(text) ? text : encoded(text);
/** Half a surrogate pair cannot be sent. */
const inUtf8 = (text: string): string => Buffer.from(text).toString();
const encoded = (text: string): string => encodeURIComponent(inUtf8(text));

type Parameter = { name: string; in: string; schema: { enum?: string[]; type?: string } };
type Body = { content: Record<string, { example: object }> };
type Described = { parameters: Parameter[]; requestBody?: Body };

/** Values of a parameter: such as there are, such as are allowed, and anything else. */
function valuesOf({ name, schema }: Parameter): fc.Arbitrary<string> {
  const known: Record<string, string[]> = {
    ...{ id: ids, owner: ['acme'], repo: ['web', 'acme/web'], ref: ['main'], sha: ['abcd'] },
    ...{ cursor: ['MTAw', 'Mi0w'], follow: ['1'], notification: [told] },
  };
  const right = known[name] ?? schema.enum ?? (schema.type === 'integer' ? ['1', '7'] : ['web']);
  return fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...right) }, hostile);
}

const wrongBodies = fc.oneof(
  fc.constantFrom('{"ref":"main"}', '{"cache":false}', '{"cache":true}', '{', '[]', 'null', '7'),
  fc.constantFrom('"x"', '{"ref":["main"]}', '{"ref":{"a":1}}', '{"__proto__":{"ref":"main"}}'),
  hostile.map((ref) => JSON.stringify({ ref })),
  fc.constantFrom(60_000, 70_000, 300_000).map((size) => `{"ref":"${'x'.repeat(size)}"}`),
  fc.json(),
);

/** No body, the one that the description shows, or any other. */
const bodiesOf = ({ requestBody }: Described): fc.Arbitrary<string | undefined> =>
  fc.oneof(
    fc.constant(undefined),
    fc.constant(JSON.stringify(requestBody?.content['application/json']?.example)),
    wrongBodies,
  );

const types = fc.constantFrom(
  ...Array(6).fill('application/json'),
  ...['application/json; charset=utf-8', 'text/plain'],
  ...['application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'json', '\u00ff'],
);

/** Requests of one operation, right and wrong in every way. */
function requestsOf(path: string, method: string, described: Described): fc.Arbitrary<Question> {
  const values = fc.tuple(
    ...described.parameters.map((parameter) =>
      fc.record({
        value: valuesOf(parameter),
        isRaw: fc.boolean(),
        isLeftOut: fc.boolean(),
      }),
    ),
  );
  const others = ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD', 'POST', 'GET', 'PROPFIND', 'QUERY'];
  const wrongMethod = fc.constantFrom(...others);
  const methods = fc.oneof({ weight: 5, arbitrary: fc.constant(method) }, wrongMethod);
  return fc
    .record({
      values,
      method: methods,
      body: bodiesOf(described),
      type: types,
      token: fc.oneof(fc.constant(null), { weight: 3, arbitrary: fc.constantFrom(...tokens) }),
      site: fc.constantFrom(...Array(9).fill(null), 'cross-site'),
    })
    .map(({ values, method, body, type, token, site }) => {
      let at = path;
      const query: string[] = [];
      const headers: Record<string, string> = {
        ...(token !== null && { authorization: `Bearer ${token}` }),
        ...(site && { 'sec-fetch-site': site }),
      };
      for (const [index, { value, isRaw, isLeftOut }] of values.entries()) {
        const { name, in: place } = described.parameters[index]!;
        if (place === 'path') at = at.replace(`{${name}}`, () => inUrl(value, isRaw) || '%00');
        else if (isLeftOut) continue;
        else if (place === 'query') query.push(`${name}=${encoded(value)}`);
        else headers[name] = encoded(value).slice(0, 200);
      }
      const isBodyless = ['GET', 'HEAD'].includes(method) || body === undefined;
      const sent = isBodyless ? undefined : inUtf8(body ?? '');
      if (sent !== undefined) headers['content-type'] = type;
      const search = query.length > 0 ? `?${query.join('&')}` : '';
      return { method, path: at + search, headers, body: sent };
    });
}

test('no request, however wrong, is answered otherwise than described', async () => {
  const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({ path, method, described })),
  );
  const statuses = await Promise.all(
    operations.map(async ({ path, method, described }) => {
      const seen = new Set<number>();
      const requests = requestsOf(path, method.toUpperCase(), described as unknown as Described);
      const isAsDescribed = fc.asyncProperty(requests, async (question) => {
        const answer = await ask(slipway.url, question, 100);
        seen.add(answer.status);
        const problems = judge(question, answer);
        const shown = JSON.stringify({ ...question, ...answer }).slice(0, 2_000);
        expect({ shown, problems }).toEqual({ shown, problems: [] });
      });
      await fc.assert(isAsDescribed, { seed, numRuns: 60 });
      return { path, method, seen: [...seen] };
    }),
  );
  // The requests reach what they are for, and not only its refusals; only GitHub can sign.
  const open = statuses.filter(({ path }) => path !== '/api/github/webhooks');
  const refused = open.filter(({ seen }) => !seen.some((status) => status < 300 || status === 409));
  expect(refused).toEqual([]);
});
