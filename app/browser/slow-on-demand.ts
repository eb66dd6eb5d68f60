/**
 * Why a build was slow takes reading two logs: it is asked for when somebody opens it. The facts may
 * be replaced at any time, so the page as a whole listens.
 */
export function slowOnDemand(): void {
  document.addEventListener(
    'toggle',
    (event) => {
      const details = event.target as HTMLDetailsElement;
      if (details.id === 'slow' && details.open) void load(details);
    },
    { capture: true },
  );
}

async function load(details: HTMLDetailsElement): Promise<void> {
  const { from } = details.dataset;
  if (!from) return;
  const answer = await fetch(from).catch(() => null);
  // The link to the page of its own stays.
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const comparison = page.querySelector('#comparison');
  if (!comparison) return;
  details.querySelector('p')?.replaceWith(document.adoptNode(comparison));
  delete details.dataset.from;
}
