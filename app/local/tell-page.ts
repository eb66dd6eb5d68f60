import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The variable by which git's hook hears of the page. */
export const pageVariable = 'SLIPWAY_PAGE';

/** Nothing of a push is in the script itself, and what it prints comes by the environment. */
const hook = `#!/bin/sh
# Written by Slipway: tells whoever pushes where the builds are seen, unless all they did was delete.
while read -r _ new _; do case "$new" in *[!0]*) moved=yes ;; esac; done
[ -z "$moved" ] || printf 'Slipway shows its builds at %s\\n' "$${pageVariable}"
`;

/** Has git say after each push to this bare repository where its page is, as `remote: …`. */
export async function tellPageOnPush(folder: string): Promise<void> {
  const file = join(folder, 'hooks', 'post-receive');
  if (existsSync(file)) return;
  await mkdir(join(folder, 'hooks'), { recursive: true });
  await writeFile(file, hook, { mode: 0o755 });
}
