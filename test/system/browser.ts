import axe from 'axe-core';
import { execa } from 'execa';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';

/** The machine's own Chromium; `bin/install.sh test` sees to it that there is one. */
export async function startBrowser(): Promise<Browser> {
  const { stdout: executablePath } = await execa('sh', ['-c', 'command -v chromium']);
  // As root, which the engine needs, Chromium's sandbox cannot run.
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

/** Colours as a browser computes them, and their contrast as WCAG 2 defines it. */
export type Colours = { text: string; ground: string; contrast: number };

/** What an element's text is painted in, and on: the grounds of all it lies on, blended. */
export const coloursOf = (element: Locator): Promise<Colours> =>
  element.evaluate((node) => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!;
    const layers: string[] = [];
    for (let at: Element | null = node; at; at = at.parentElement) {
      layers.unshift(getComputedStyle(at).backgroundColor);
    }
    const painted = (colours: string[]): number[] => {
      canvas.clearRect(0, 0, 1, 1);
      for (const colour of colours) {
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
      }
      return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const luminance = (pixel: number[]): number => {
      const [r = 0, g = 0, b = 0] = pixel.map((part) => {
        const share = part / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ground = painted(layers);
    const text = painted([...layers, getComputedStyle(node).color]);
    if (ground[3] !== 255) throw new Error('Nothing opaque lies below this element.');
    const [light = 0, dark = 0] = [luminance(text), luminance(ground)].sort((a, b) => b - a);
    return {
      text: text.join(),
      ground: ground.join(),
      contrast: (light + 0.05) / (dark + 0.05),
    };
  });

/** What keeps people from using a page, as axe finds it: rules that it breaks, with some elements. */
export async function violationsOf(page: Page): Promise<string[]> {
  // Given by the debugger, which the page's policy does not bind.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe: inPage } = globalThis as unknown as { axe: typeof axe };
    const { violations } = await inPage.run({ resultTypes: ['violations'] });
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(({ html }) => html)}`);
  });
}
