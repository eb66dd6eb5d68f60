/**
 * Whether git itself would not check a path out (`verify_path` of its read-cache.c), which on every
 * system are also names that another one takes for git's own: `.git.`, `git~1`, `gitmod~1`.
 */
export function isHarmful(path: string, isLink: boolean): boolean {
  if (path.split('/').some((name) => ['', '.', '..'].includes(name))) return true;
  const names = path.split(/[/\\]/);
  return names.some((name) => isGitFolder(name) || (isLink && isModulesFile(name)));
}

const isGitFolder = (name: string): boolean => /^(\.git|git~1)[. ]*(:|$)/i.test(name);

const isModulesFile = (name: string): boolean =>
  /^(\.gitmodules|gitmod~[1-4])[. ]*(:|$)/i.test(name) || isShortModulesFile(name);

/** The last resort of NTFS for a short name: letters of a hash, and numbers up to eight characters. */
const isShortModulesFile = (name: string): boolean =>
  name.length >= 8 &&
  /^(g(i(7(e(ba?)?)?)?)?)?~[1-9]\d*$/i.test(name.slice(0, 8)) &&
  /^[. ]*(:|$)/.test(name.slice(8));
