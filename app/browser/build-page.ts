import { failureLinks } from './failure.ts';
import { followBuild } from './follow-build.ts';
import { lineKeys } from './line-keys.ts';
import { lineLinks } from './line-links.ts';
import { loadLines } from './load-lines.ts';
import { createLogReader } from './log-reader.ts';
import { createLogView } from './log-view.ts';
import { readPage } from './read-page.ts';
import { logSearch } from './search.ts';
import { showDoing } from './show-doing.ts';
import { createRecordView } from './show-record.ts';
import { slowOnDemand } from './slow-on-demand.ts';
import { stickToEnd } from './stick-to-end.ts';

/** The script of a build's page: without it the page is a part of the log that loads itself anew. */
const root = document.querySelector<HTMLElement>('#log');
if (root) void start(root);

async function start(root: HTMLElement): Promise<void> {
  const { build = '', first = '1', last } = root.dataset;
  // The page without script shows lines from some number on; here all of them are at hand.
  if (first !== '1') {
    const isFailure = location.hash === '#failure';
    location.replace(`${location.pathname}${isFailure ? location.hash : `#L${first}`}`);
    return;
  }
  const view = createLogView(root);
  readPage(root, view);
  const { rangeTo } = lineLinks(root, view);
  lineKeys(root, view, rangeTo);
  const showFailure = failureLinks(view, root);
  stickToEnd(view);
  logSearch(view);
  slowOnDemand();

  const reader = createLogReader(build, view, Number(last));
  const more = document.querySelector('#more');
  if (more) await loadLines(build, reader);
  more?.remove();
  if (root.dataset.hasEnded) return showFailure();
  const showRecord = createRecordView(build);
  const doing = showDoing(view);
  followBuild(build, reader, {
    onRecord: (record) => {
      showRecord(record);
      doing.onRecord(record);
    },
    onEnd: (record) => {
      const { state, step, failure } = record;
      doing.onEnd(record);
      document.querySelector('#follow')?.remove();
      const isFailure = state === 'failed' || state === 'errored';
      root.dataset.failedStep = isFailure ? (failure?.step ?? step ?? '') : '';
      showFailure();
    },
  });
}
