import { apiUrl, nodeId } from './account-shape.ts';
import { git } from './git.ts';
import { listRefs, objectType, resolveCommit } from './git-read.ts';
import { notFound, Refusal } from './refusal.ts';
import type { Call, Route } from './route.ts';
import { ok } from './route.ts';
import type { RepositoryState, World } from './world.ts';
import { fullName } from './world.ts';

type Ref = { ref: string; sha: string; type: string };

const kinds: Record<string, string> = {
  commit: 'commits',
  tag: 'tags',
  tree: 'trees',
  blob: 'blobs',
};

const refShape = (world: World, repository: RepositoryState, { ref, sha, type }: Ref) => {
  const url = `${apiUrl(world)}/repos/${fullName(repository)}/git`;
  return {
    ref,
    node_id: nodeId('Ref', repository.id),
    url: `${url}/${ref}`,
    object: { sha, type, url: `${url}/${kinds[type]}/${sha}` },
  };
};

const getTag = async ({ world, params }: Call, repository: RepositoryState) => {
  const { tag_sha: sha = '' } = params;
  const known = /^[0-9a-f]{40}$/.test(sha) && (await objectType(repository.folder, sha)) === 'tag';
  if (!known) throw notFound();
  const text = (await git(repository.folder, ['cat-file', 'tag', sha])).toString('utf8');
  const gap = text.indexOf('\n\n');
  const field = (name: string) => new RegExp(`^${name} (.*)$`, 'm').exec(text.slice(0, gap))?.[1];
  const [, name = '', email = '', seconds = '0'] =
    /^(.*) <(.*)> (\d+)/.exec(field('tagger') ?? '') ?? [];
  const url = `${apiUrl(world)}/repos/${fullName(repository)}/git`;
  const type = field('type') ?? 'commit';
  return ok({
    node_id: nodeId('Tag', repository.id),
    tag: field('tag'),
    sha,
    url: `${url}/tags/${sha}`,
    message: text.slice(gap + 2),
    tagger: { name, email, date: new Date(Number(seconds) * 1000).toISOString() },
    object: { sha: field('object'), type, url: `${url}/${kinds[type]}/${field('object')}` },
    verification: {
      verified: false,
      reason: 'unsigned',
      signature: null,
      payload: null,
      verified_at: null,
    },
  });
};

const getTree = async ({ world, params, query }: Call, repository: RepositoryState) => {
  const { folder } = repository;
  const { tree_sha: name = '' } = params;
  const isTree = /^[0-9a-f]{40}$/.test(name) && (await objectType(folder, name)) === 'tree';
  const at = isTree ? name : await resolveCommit(folder, name);
  if (!at) throw notFound();
  const sha = (await git(folder, ['rev-parse', `${at}^{tree}`])).toString('utf8').trim();
  const deep = query.recursive === undefined ? [] : ['-r', '-t'];
  const listing = (await git(folder, ['ls-tree', '-z', '-l', ...deep, sha])).toString('utf8');
  const url = `${apiUrl(world)}/repos/${fullName(repository)}/git`;
  const all = listing
    .split('\0')
    .filter(Boolean)
    .map((line) => {
      const [head = '', path = ''] = line.split('\t');
      const [mode = '', type = '', object = '', size = ''] = head.split(/ +/);
      const bytes = type === 'blob' ? { size: Number(size) } : {};
      return { path, mode, type, sha: object, ...bytes, url: `${url}/${kinds[type]}/${object}` };
    });
  const limit = 100_000;
  const tree = all.slice(0, limit);
  return ok({ sha, url: `${url}/trees/${sha}`, tree, truncated: all.length > limit });
};

/** Git's own objects and refs, read from the real repository. */
export const gitRoutes: readonly Route[] = [
  {
    operation: 'GET /repos/{owner}/{repo}/git/ref/{ref}',
    needs: ['contents', 'read'],
    handle: async ({ world, params }, repository) => {
      const wanted = `refs/${params.ref}`;
      const found = (await listRefs(repository.folder, wanted)).find(({ ref }) => ref === wanted);
      if (!found) throw notFound();
      return ok(refShape(world, repository, found));
    },
  },
  {
    operation: 'GET /repos/{owner}/{repo}/git/matching-refs/{ref}',
    needs: ['contents', 'read'],
    handle: async ({ world, params }, repository) => {
      if ((await listRefs(repository.folder, 'refs/')).length === 0) {
        throw new Refusal(409, 'Git Repository is empty.');
      }
      const found = await listRefs(repository.folder, `refs/${params.ref}`);
      return ok(found.map((one) => refShape(world, repository, one)));
    },
  },
  {
    operation: 'GET /repos/{owner}/{repo}/git/tags/{tag_sha}',
    needs: ['contents', 'read'],
    handle: getTag,
  },
  {
    operation: 'GET /repos/{owner}/{repo}/git/trees/{tree_sha}',
    needs: ['contents', 'read'],
    handle: getTree,
  },
];
