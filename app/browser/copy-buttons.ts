/** Buttons that copy the text of another element; where the browser lets no page do so, they stay away. */
export function copyButtons(): void {
  if (!navigator.clipboard) return;
  document.documentElement.classList.add('may-copy');
  document.addEventListener('click', (event) => {
    const button = (event.target as Element).closest<HTMLElement>('button[data-copies]');
    const text = document.getElementById(button?.dataset.copies ?? '')?.textContent;
    if (!button || !text) return;
    const said = button.textContent;
    void navigator.clipboard.writeText(text).then(() => {
      button.textContent = 'Copied';
      setTimeout(() => {
        button.textContent = said;
      }, 2_000);
    });
  });
}
