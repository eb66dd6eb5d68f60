import { randomUUID } from 'node:crypto';
import { type Job, Worker } from 'bullmq';
import { pino } from 'pino';
import { appClient } from '../../../app/github/app-client.ts';
import { gitHubDeliveryLog } from '../../../app/github/delivery-log.ts';
import { gitHubForge } from '../../../app/github/github-forge.ts';
import { gitHubInstalled } from '../../../app/github/installed.ts';
import { plan } from '../../../app/plan/plan.ts';
import { sweepRepository, wasEverPushed } from '../../../app/sweep/sweep-repository.ts';
import { readTrigger } from '../../../app/webhook/read-trigger.ts';
import { listBuilds } from '../../../queue/build-list.ts';
import { webConfig } from '../../../queue/config.ts';
import { keysUnder } from '../../../queue/keys.ts';
import { closeQueues, openQueues } from '../../../queue/queues.ts';
import { connectForWork } from '../../../queue/redis.ts';
import { getRepository } from '../../../queue/repositories.ts';
import type { Trigger } from '../../../queue/trigger.ts';
import { startGitHub } from '../../github/github.ts';
import type { Delivery } from '../../github/records.ts';
import { until } from '../../system/until.ts';

/** Plans what GitHub delivers when a test says so, on a real Redis, without the processes around it. */
export async function openGitHubPlanning() {
  const github = await startGitHub({ webhookSecret: 'secret' });
  // Nobody listens there: GitHub keeps what it could not deliver.
  github.webhookUrl = 'http://127.0.0.1:9/';
  const url = process.env.SLIPWAY_TEST_REDIS_URL ?? '';
  const redis = connectForWork(url, () => {});
  const store = { redis, keys: keysUnder(`test-${randomUUID()}`) };
  const queues = openQueues(redis, store.keys);
  const log = pino({ level: 'silent' });
  const { github: config } = webConfig({
    ...{ REDIS_URL: url, REGISTRY: 'localhost:5000', WEBHOOK_SECRET: 'secret' },
    ...{ APP_ID: String(github.appId), PRIVATE_KEY: github.privateKey },
    ...{ GHE_HOST: github.host, GHE_PROTOCOL: 'http' },
  });
  if (!config) throw new Error('there is no GitHub App');
  const probot = await appClient(config, log);
  const forge = gitHubForge(probot, config, { publicBuilds: true });
  const planner = {
    ...{ store, queues, forge, publicUrl: 'http://127.0.0.1:1' },
    ...{ registry: 'registry.example.com', namespaces: [] },
  };
  const installed = gitHubInstalled(probot, async () => {});
  const stopping = new AbortController().signal;

  return {
    github,
    planner,
    /** GitHub's list of what it delivered. */
    deliveries: gitHubDeliveryLog(probot, async () => {}),
    log,
    /** Plans what a delivery asks for, `ago` milliseconds after it was recorded. */
    planned({ guid, event, payload }: Delivery, ago = 0): Promise<string> {
      return plan(planner, guid, readTrigger(event, payload) as Trigger, Date.now() - ago);
    },
    /** Sweeps a repository as the queue does, if Slipway knows it; answers how many pushes it put up. */
    async swept(id: number): Promise<number> {
      const repository = await getRepository(store, id);
      if (!repository || !(await wasEverPushed(store, repository))) return 0;
      return sweepRepository({ store, queues, installed, stopping }, repository);
    },
    /** Plans what sweeps put up, by a worker of the queue. */
    async planFound(): Promise<string[]> {
      const outcomes: string[] = [];
      const work = async ({ id, data, timestamp }: Job<Trigger>) => {
        outcomes.push(await plan(planner, String(id), data, timestamp));
      };
      const worker = new Worker('pushes', work, { connection: redis, prefix: store.keys.bull });
      await until('all is planned', async () => {
        const counts = await queues.pushes.getJobCounts('waiting', 'active', 'delayed');
        return Object.values(counts).every((count) => count === 0);
      });
      await worker.close();
      return outcomes;
    },
    /** The builds of a commit, newest first. */
    async buildsOf(repositoryId: number, sha: string) {
      const everything = async () => true;
      return (await listBuilds(store, { repositoryId, sha }, { limit: 100 }, everything)).builds;
    },
    async close() {
      await closeQueues(queues);
      redis.disconnect();
      await github.close();
    },
  };
}
