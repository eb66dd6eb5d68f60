import type { Build } from '../../queue/build.ts';

/**
 * The body of Docker Hub's webhooks about one tag
 * (https://docs.docker.com/docker-hub/repos/manage/webhooks/#example-webhook-payload). What it
 * pulls by is `repo_name`, so that elsewhere than on the Hub it begins with the registry.
 */
export function dockerhubBody(build: Build, tag: string): object {
  const { image, repository, author, url, createdAt, finishedAt } = build;
  const path = image.replace(/^(index\.)?docker\.io\//, '');
  const parts = path.split('/');
  const isElsewhere = /[.:]|^localhost$/.test(parts[0] ?? '');
  const name = parts.at(-1) ?? '';
  const namespace = parts.slice(isElsewhere ? 1 : 0, -1).join('/');
  return {
    // The Hub takes a receiver's verdict there; here it is the build's page, and takes none.
    callback_url: url,
    push_data: { pushed_at: secondsOf(finishedAt ?? createdAt), pusher: author, tag },
    repository: {
      ...{ name, namespace, owner: namespace, repo_name: path, repo_url: repository.htmlUrl },
      ...{ description: repository.description ?? '', full_description: '', dockerfile: '' },
      ...{ is_official: false, is_private: repository.private, is_trusted: true },
      ...{ status: 'Active', star_count: 0, comment_count: 0, date_created: secondsOf(createdAt) },
    },
  };
}

const secondsOf = (time: string): number => Math.floor(Date.parse(time) / 1_000);
