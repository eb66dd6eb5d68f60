/** GitHub's tokens by their form, whether we know them or not. */
const gitHubToken = /gh[a-z]_[A-Za-z0-9._-]{20,}|github_pat_[A-Za-z0-9_]{20,}/g;

/** What stands in a log where a secret was. */
const mark = '***';

/**
 * A function that hides secrets in a line: those given, each line of those that have several, with
 * and without the blanks around it, and whatever looks like a GitHub token. Values shorter than 6 characters are left, since hiding them
 * would hide half the log.
 */
export function createMask(secrets: () => readonly string[]): (text: string) => string {
  return (text) => {
    const values = secrets()
      .flatMap((secret) => secret.split('\n'))
      .flatMap((line) => [line, line.trim()])
      .filter((value) => value.length >= 6)
      .sort((a, b) => b.length - a.length);
    const hidden = values.reduce((rest, value) => rest.replaceAll(value, mark), text);
    return hidden.replace(gitHubToken, mark);
  };
}
