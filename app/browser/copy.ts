// Buttons that only a script can make work are shown by it, see .copy in the style.
document.documentElement.classList.add('scripted');

/** Where a screen reader hears that it worked. */
const told = document.createElement('span');
told.className = 'out-of-sight';
told.setAttribute('role', 'status');
document.body.append(told);

document.addEventListener('click', async ({ target }) => {
  const button = (target as Element).closest<HTMLElement>('[data-copy]');
  if (!button) return;
  const text = button.dataset.copy ?? '';
  const name = button.textContent;
  const worked = (await write(text)) || writeTheOldWay(text);
  button.textContent = worked ? 'Copied' : 'Not copied';
  told.textContent = worked ? `Copied: ${text}` : 'The browser does not let this page copy.';
  setTimeout(() => {
    button.textContent = name;
  }, 2_000);
});

const write = async (text: string): Promise<boolean> => {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
};

/** The clipboard's own interface is there with HTTPS and on loopback only. */
function writeTheOldWay(text: string): boolean {
  const field = document.createElement('textarea');
  field.value = text;
  field.className = 'out-of-sight';
  document.body.append(field);
  field.select();
  const worked = document.execCommand('copy');
  field.remove();
  return worked;
}
