/** Parts of the page that are shown anew every few seconds; each has an id. */
const parts = () => [...document.querySelectorAll<HTMLElement>('[data-live]')];

void refresh(new Date());

/** Asks for this page again while it is looked at, and shows what has changed since. */
async function refresh(shownAt: Date): Promise<void> {
  const every = document.querySelector<HTMLElement>('[data-every]')?.dataset.every;
  if (!every) return;
  await new Promise((resolve) => setTimeout(resolve, Number(every) * 1_000));
  if (document.visibilityState === 'hidden') await untilVisible();
  // Another page may come instead, e.g. after signing out elsewhere: it is left to the next click.
  const answer = await fetch(location.href).catch(() => null);
  const text = answer?.ok ? await answer.text().catch(() => null) : null;
  if (text === null) {
    tellStale(shownAt);
    return refresh(shownAt);
  }
  show(new DOMParser().parseFromString(text, 'text/html'));
  return refresh(new Date());
}

const untilVisible = (): Promise<unknown> =>
  new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }));

function show(fresh: Document): void {
  const staleness = document.querySelector<HTMLElement>('#staleness');
  if (staleness) staleness.hidden = true;
  for (const part of parts()) {
    const now = fresh.getElementById(part.id);
    // What somebody is selecting to copy must not vanish under the pointer.
    if (!now || now.innerHTML === part.innerHTML || isSelected(part)) continue;
    const focused = addressOf(
      part.contains(document.activeElement) ? document.activeElement : null,
    );
    part.replaceChildren(...now.childNodes);
    if (now.dataset.every) part.dataset.every = now.dataset.every;
    const same = [...part.querySelectorAll<HTMLElement>('a, button, summary')];
    if (focused) same.find((one) => addressOf(one) === focused)?.focus({ preventScroll: true });
  }
}

function tellStale(shownAt: Date): void {
  const staleness = document.querySelector<HTMLElement>('#staleness');
  if (!staleness?.hidden) return;
  staleness.textContent = `This page could not be asked for again; it is as of ${shownAt.toLocaleTimeString()}.`;
  staleness.hidden = false;
}

function isSelected(part: HTMLElement): boolean {
  const selection = getSelection();
  return !!selection && !selection.isCollapsed && selection.containsNode(part, true);
}

/** What makes a link or button the same in two versions of the page. */
const addressOf = (element: Element | null): string | null =>
  element &&
  `${element.tagName} ${element.getAttribute('href') ?? element.getAttribute('data-copy') ?? element.textContent}`;
