import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { retryBuild } from '../../../app/plan/retry-build.ts';
import { getBuild } from '../../../queue/build-store.ts';
import { openPlanning } from './plan-text.ts';

let planning: Awaited<ReturnType<typeof openPlanning>>;
beforeAll(async () => {
  planning = await openPlanning();
});
afterAll(() => planning.close());

test.each([[false], [true]])(
  'what is planned again because it failed before it could begin has cache: %s too',
  async (cache) => {
    const image = `registry.test/other/${cache}`;
    const { builds } = await planning.plan(`images:\n  - image: ${image}\n`);
    expect(builds).toMatchObject([{ failure: { step: 'plan' } }]);
    const planner = { ...planning.planner, namespaces: ['registry.test/other'] };
    const id = await retryBuild(planner, builds[0]!, 'again', { cache });
    expect(await getBuild(planner.store, String(id))).toMatchObject({
      ...{ state: 'queued', image, failure: null },
      recipe: { cache },
    });
  },
);
