import { expect, test } from '@jest/globals';
import { dockerhubBody } from '../../../app/notify/dockerhub-body.ts';
import { slackBody } from '../../../app/notify/slack-body.ts';
import { withoutUrl } from '../../../app/notify/without-url.ts';
import type { Build } from '../../../queue/build.ts';
import { newBuild } from '../../queue/new-build.ts';

const build = {
  ...newBuild(),
  ...{ state: 'succeeded', reason: 'Pushed.', digest: 'sha256:00', tags: ['main', 'latest'] },
  ...{ createdAt: '2026-11-25T12:00:00.900Z', finishedAt: '2026-11-25T12:00:42.900Z' },
  url: 'https://slipway.example.com/builds/b1',
} as Build;

test('Docker Hub’s body has every field that Docker documents', () => {
  const body = dockerhubBody({ ...build, image: 'ghcr.io/acme/tools/web' }, 'main');
  expect(body).toEqual({
    callback_url: 'https://slipway.example.com/builds/b1',
    push_data: { pushed_at: 1_795_608_042, pusher: 'a', tag: 'main' },
    repository: {
      ...{ comment_count: 0, date_created: 1_795_608_000, description: '', dockerfile: '' },
      ...{ full_description: '', is_official: false, is_private: false, is_trusted: true },
      ...{ name: 'web', namespace: 'acme/tools', owner: 'acme/tools', star_count: 0 },
      ...{ repo_name: 'ghcr.io/acme/tools/web', repo_url: '', status: 'Active' },
    },
  });
});

test.each([
  ['docker.io/acme/web', 'acme/web', 'acme'],
  ['acme/web', 'acme/web', 'acme'],
  ['localhost/acme/web', 'localhost/acme/web', 'acme'],
  ['localhost:5000/web', 'localhost:5000/web', ''],
])('%s is called %s there', (image, repo_name, namespace) => {
  expect(dockerhubBody({ ...build, image }, 'main')).toMatchObject({
    repository: { repo_name, namespace, name: 'web' },
  });
});

test('a text for Slack says what ended, where, and what came of it', () => {
  expect(slackBody(build)).toEqual({
    text: [
      ':white_check_mark: <https://slipway.example.com/builds/b1|acme/web / image> succeeded: Pushed.',
      'main at aaaaaaa: m, by a',
      'localhost/acme/web@sha256:00, tagged main, latest',
    ].join('\n'),
    ...{ unfurl_links: false, unfurl_media: false },
  });
});

test('nothing that others wrote makes a mention, a link, a line or a way out of the text', () => {
  const evil =
    '<!channel> <@U1> <https://evil|here> [safe](https://evil) ![a][b] @here & a\n\u202e\u001b[31mb\u0000';
  const { text } = slackBody({
    ...{ ...build, ref: `refs/heads/${evil}`, message: evil, author: evil, reason: evil },
  }) as { text: string };
  expect(text.split('\n')).toHaveLength(3);
  // Besides our own link nothing is left that Slack's syntax begins with.
  const own = '<https://slipway.example.com/builds/b1|acme/web / image>';
  expect(text.split(own)).toHaveLength(2);
  expect(text.replace(own, '')).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)|@(?!sha256:00)\w/);
  expect(text).not.toMatch(/[\u0000\u001b\u202e]/);
  expect(text).toContain('&lt;!channel&gt;');
  expect(text).not.toMatch(/\][([]/);
});

test('what a receiver repeats of the secret in a URL is left out', () => {
  const url = 'https://hooks.example.com/services/T0/sEcReT%2Bpath?token=abcdef123';
  expect(withoutUrl('no /services/T0/sEcReT+path, sEcReT%2Bpath; abcdef123!', url)).toBe(
    'no /…/T0/…, …; …!',
  );
});
