import { copyButtons } from './copy-buttons.ts';
import { markFailure, showFailure } from './failure.ts';
import { followBuild } from './follow-build.ts';
import { lineLinks } from './line-links.ts';
import { createLogView } from './log-view.ts';
import { readPage } from './read-page.ts';
import { logSearch } from './search.ts';
import { createRecordView } from './show-record.ts';
import { slowOnDemand } from './slow-on-demand.ts';
import { stickToEnd } from './stick-to-end.ts';

/** The script of a build's page: without it the page is a part of the log that loads itself anew. */
const root = document.querySelector<HTMLElement>('#log');
if (root) start(root);

function start(root: HTMLElement): void {
  const { build, first, whole } = root.dataset;
  // The page without script shows lines from some number on; here all of them are at hand.
  if (first !== '1') {
    location.replace(`${location.pathname}#L${first}`);
    return;
  }
  const view = createLogView(root);
  readPage(root, view);
  const links = lineLinks(view);
  stickToEnd(view);
  logSearch(view);
  slowOnDemand();
  copyButtons();
  if (whole) {
    if (!links.hasTarget()) showFailure(view, root);
    return;
  }
  const hadEnded = root.dataset.failedStep !== '';
  followBuild(build ?? '', Number(root.dataset.last), view, {
    onRecord: createRecordView(build ?? ''),
    onEnd: (record) => {
      document.querySelector('#more')?.remove();
      document.querySelector('#follow')?.remove();
      markFailure(root, record);
      // Whoever watched the build fail is where they want to be.
      if (hadEnded && !links.hasTarget()) showFailure(view, root);
    },
  });
}
