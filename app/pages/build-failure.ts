import { html, raw } from 'hono/html';
import type { StoredBuild } from '../../queue/build-store.ts';
import { plainText } from '../browser/styled-text.ts';
import { visibleText } from '../browser/visible-text.ts';
import type { Excerpt } from '../log/dockerfile-excerpt.ts';
import { fileUrl } from './build-links.ts';
import { failureAddress, stepOfFailure } from './build-log.ts';
import type { Html } from './layout.ts';

/** Why a build failed, below its sentence: the lines that did, or what is wrong with the rules file. */
export function failureSection(build: StoredBuild, excerpt: Excerpt | null): Html | '' {
  const { failure } = build;
  const step = stepOfFailure(build);
  if (!step && !failure) return '';
  const way = step
    ? html`<p><a href="${failureAddress(build)}">To the error in the log: ${step}</a></p>`
    : '';
  if (!failure) return way;
  return html`<div class="failure">${place(build)}${excerpt ? lines(excerpt, failure.mistakes ?? []) : ''}${
    failure.mistakes ? mistakes(build, failure.mistakes) : ''
  }${failure.lastLines.length > 0 ? last(failure.lastLines, build.logRemovedAt !== null) : ''}${way}</div>`;
}

function place(build: StoredBuild): Html | '' {
  const { path = null, line = null, endLine = null } = build.failure ?? {};
  if (path === null) return '';
  const where =
    line === null ? '' : endLine && endLine > line ? `#L${line}-L${endLine}` : `#L${line}`;
  const words = line === null ? path : `${path}, line ${line}`;
  const url = fileUrl(build, path);
  return html`<h2>${url ? html`<a href="${url}${where}">${visibleText(words)}</a>` : visibleText(words)}</h2>`;
}

/** No line break may stand between these: it would be one of the text's. */
const lines = (excerpt: Excerpt, mistakes: { line: number }[]) =>
  html`<pre class="excerpt" role="region" tabindex="0" aria-label="The lines that failed, and those around them">${excerpt.map(
    ({ n, text, isFailed }) => {
      const shown = visibleText(text.slice(0, longest));
      const isMarked = isFailed || mistakes.some(({ line }) => line === n);
      return html`<div><span class="number" aria-hidden="true">${n}</span>${isMarked ? html`<mark>${shown}</mark>` : shown}${'\n'}</div>`;
    },
  )}</pre>`;

const longest = 500;

const mistakes = (build: StoredBuild, all: { line: number; column: number; message: string }[]) => {
  const url = fileUrl(build, build.failure?.path ?? '');
  return html`<ul>${all.map(
    ({ line, column, message }) =>
      html`<li>${url ? html`<a href="${url}#L${line}">${line}:${column}</a>` : `${line}:${column}`} ${visibleText(message)}</li>`,
  )}</ul>`;
};

/** They are in the log as well, as long as there is one. */
const last = (texts: string[], isOpen: boolean) =>
  html`<details${isOpen ? raw(' open') : ''}><summary>The last lines of the step</summary>
  <pre class="excerpt plain" role="region" tabindex="0" aria-label="The last lines of the step">${texts.map((text) => html`<div>${plainText(text)}${'\n'}</div>`)}</pre></details>`;
