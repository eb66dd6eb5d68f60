import { html } from 'hono/html';
import { shortSha, sizeText } from '../../queue/text.ts';
import type { ImageTag } from '../images/list-images.ts';
import { moment } from './build-cells.ts';
import { copyable } from './copyable.ts';
import type { Html } from './layout.ts';
import { table } from './table.ts';

/** Tags of a repository's images, with the command that pulls each. */
export const imagesTable = (images: ImageTag[], now: number): Html =>
  table(
    'Images',
    ['Tag', 'Pull', 'Digest', 'Size', 'Commit', 'When'],
    images.map(({ image, tag, digest, size, sha, buildId, builtAt }) => [
      tag.length === 40 && tag === sha
        ? html`<code>${shortSha(tag)}…</code>`
        : html`<code>${tag}</code>`,
      copyable(`docker pull ${image}:${tag}`, `the command that pulls ${tag}`),
      copyable(
        `${image}@${digest}`,
        `the digest of ${tag}`,
        html`<span title="${digest}">${digest.slice(0, 'sha256:'.length + 12)}…</span>`,
      ),
      size === null ? '–' : sizeText(size),
      html`<a href="/builds/${buildId}"><code>${shortSha(sha)}</code></a>`,
      moment(builtAt, now),
    ]),
  );
