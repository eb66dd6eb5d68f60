/** What tags and labels are made from: one ref at one commit. */
export type TagContext = {
  /** What happened: `push`, `pull_request`, `schedule`, … */
  event: string;
  /** `refs/heads/…`, `refs/tags/…` or `refs/pull/<number>/merge`. */
  ref: string;
  /** The commit's 40 hexadecimal digits; empty if there is none. */
  sha: string;
  /** The branch a tag was pushed with or a pull request goes to, if GitHub says so. */
  baseRef: string | null;
  defaultBranch: string;
  now: Date;
  committedAt: Date;
};

/** A ref's name without `refs/heads/` or whatever it begins with, or '' if it begins otherwise. */
export const refName = (ref: string, kind: 'heads' | 'tags' | 'pull'): string =>
  ref.startsWith(`refs/${kind}/`) ? ref.slice(`refs/${kind}/`.length) : '';
