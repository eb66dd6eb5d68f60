import { Redis } from 'ioredis';
import { atStep, cancel, dockerfile, ended } from './builds.ts';
import {
  counting,
  errored,
  failing,
  history,
  hostile,
  hostileLines,
  longName,
  mistakes,
  shopDockerfile,
} from './face-data.ts';
import { pushesTo } from './face-pushes.ts';
import { buildOfOurs } from './log-scene.ts';
import { recordBuilds } from './page-scene.ts';
import { startReceiver } from './receiver.ts';
import { startSlipway } from './start-slipway.ts';
import { until } from './until.ts';

/** A Slipway that has every page to show, and where each is. */
export type FaceScene = Awaited<ReturnType<typeof startFaceScene>>;

/** Starts one in which builds of every state are there and `ada`, at the browser, may see them all. */
export async function startFaceScene() {
  const receiver = await startReceiver({
    '/chat': (response) => response.writeHead(410).end('no_service: this hook is no longer there'),
  });
  const slipway = await startSlipway({
    signIn: true,
    env: { CONCURRENCY: '1', NOTIFY_ALLOW: '127.0.0.1' },
  });
  const { github } = slipway;
  const redis = new Redis(slipway.redisUrl);
  const names = ['shop', 'gateway', 'docs', 'secret', longName, 'mistaken', 'billing'];
  github.user('ada', {
    access: Object.fromEntries(names.map((name) => [`acme/${name}`, 'write' as const])),
  });
  github.signInAs('ada');

  const { repository, push, end } = pushesTo(slipway);
  const shopWith = (cart: string, test: string) => shopFiles(receiver.port, cart, test);

  await recordBuilds(redis, 'acme/shop', history, (await repository('shop')).id);
  await push('shop', shopWith('one', 'exit 0\n'), 'Say what is in stock').then(end);
  const succeeded = await end(
    await push('shop', shopWith('two', 'exit 0\n'), 'Show prices with their currency (#41)'),
  );
  await push('docs', dockerfile('sleep 1'), 'Say how refunds work').then(end);
  const secret = await push('secret', dockerfile('echo secret'), 'Turn the key').then(end);
  const mistaken = await end(
    await push('mistaken', { ...dockerfile('true'), '.github/slipway.yml': mistakes }, 'Tag both'),
  );
  const failed = await end(
    await push('shop', shopWith('two', failing), 'Take the cart apart before the sale begins'),
  );
  const ours = await buildOfOurs(slipway);
  await ours.print(hostileLines);
  await recordBuilds(redis, `acme/${longName}`, hostile, 78);
  await recordBuilds(redis, 'acme/billing', [errored], 79);
  const live = await push('gateway', dockerfile(counting), 'Count what comes in by country');
  const { id: running } = await atStep(slipway, live.sha, 'build');
  const queuedPush = await push('docs', dockerfile('true'), 'Mend a link');
  const { externalId: queued } = await until(
    'it waits',
    () => github.checkRuns(queuedPush.repo, queuedPush.sha)[0],
  );
  const stopped = await push('gateway', dockerfile('true'), 'Try HTTP/3');
  const waiting = await until('it waits', () => slipway.build(stopped.sha));
  await cancel(slipway, { ...waiting, id: String(waiting.id), repo: 'acme/gateway' });
  const cancelled = (await ended(slipway, stopped.sha)).id;
  const idOf = async (name: string): Promise<string> => {
    const answer = await fetch(`${slipway.url}/api/builds?repo=acme/${name}`);
    return ((await answer.json()) as { builds: { id: string }[] }).builds[0]!.id;
  };

  return {
    slipway,
    /** Every page that `ada` may see, by what it shows. */
    pages: {
      home: '/',
      repository: '/acme/shop',
      'repository-empty': '/acme/shop?q=nothing-is-like-this',
      'repository-hostile': `/acme/${longName}`,
      'build-succeeded': `/builds/${succeeded}`,
      'build-failed': `/builds/${failed}`,
      'build-private': `/builds/${secret}`,
      'build-mistaken': `/builds/${mistaken}`,
      'build-running': `/builds/${running}`,
      'build-queued': `/builds/${queued}`,
      'build-cancelled': `/builds/${cancelled}`,
      'build-errored': `/builds/${await idOf('billing')}`,
      'build-hostile': `/builds/${await idOf(longName)}`,
      'log-hostile': `/builds/${ours.id}`,
      slow: `/builds/${succeeded}/slow`,
      notifications: '/acme/shop/notifications',
      'notifications-empty': '/acme/docs/notifications',
      api: '/api',
      checks: '/setup/checks',
      404: '/no/such/page',
      403: '/sign-in/callback?code=x&state=y',
    },
    /** What a stranger is shown otherwise. */
    strangers: { 'home-stranger': '/', '404-stranger': '/acme/secret' },
    async stop(): Promise<unknown[]> {
      ours.close();
      redis.disconnect();
      const { violations } = github;
      await slipway.stop();
      await receiver.close();
      return violations;
    },
  };
}

/** The shop's files; it tells two targets of a receiver about its builds. */
const shopFiles = (port: number, cart: string, test: string) => ({
  Dockerfile: shopDockerfile,
  'package.json': '{ "name": "shop" }\n',
  'src/cart.js': `// ${cart}\n`,
  'src/test.sh': test,
  '.github/slipway.yml': `images: [{ name: web }]
notify:
  - { url: "http://127.0.0.1:${port}/deploy" }
  - { url: "http://127.0.0.1:${port}/chat", format: slack }
`,
});
