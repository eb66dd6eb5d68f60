const log = document.querySelector<HTMLElement>('#log');
const state = document.querySelector<HTMLElement>('#state');
const reason = document.querySelector<HTMLElement>('#reason');

if (log && state && reason) {
  const { build, last } = log.dataset;
  const events = new EventSource(`/api/builds/${build}/events?after=${last}`);
  events.addEventListener('log', (event) => {
    log.append(`${JSON.parse(event.data).text}\n`);
  });
  events.addEventListener('state', (event) => {
    const record = JSON.parse(event.data);
    state.textContent = record.state;
    state.className = `state ${record.state}`;
    reason.textContent = record.reason;
    if (record.finishedAt) events.close();
  });
}

export {};
