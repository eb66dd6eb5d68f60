import { expect, test } from '@jest/globals';
import { plainText, styledText } from '../../../app/browser/styled-text.ts';
import { ansiColours, logGround } from '../../../app/pages/styles/ansi.ts';

const esc = '\u001b';

const textOf = (line: string): string =>
  styledText(line)
    .map(({ text }) => text)
    .join('');

const styles: [written: string, classes: string][] = [
  ['[31m', 'in-red'],
  ['[1;91m', 'bold in-bright-red'],
  ['[2m', 'dim'],
  ['[3;4;9m', 'italic underline strikethrough'],
  ['[4:3m', 'underline'],
  ['[7m', 'on-text'],
  ['[7;32m', 'on-green'],
  ['[97;44m', 'on-blue'],
  ['[38;5;1m', 'in-red'],
  ['[38;5;9m', 'in-bright-red'],
  ['[38;5;46m', 'in-bright-green'],
  ['[38;5;244m', 'in-bright-black'],
  ['[38;2;1;2;190m', 'in-blue'],
  ['[38:2::1:2:190m', 'in-blue'],
  ['[38:5:46m', 'in-bright-green'],
  ['[48;2;250;90;90m', 'on-bright-red'],
  ['[8m', ''],
  ['[38;5;999m', 'in-white'],
  ['[31m\u001b[m', ''],
  ['[31m\u001b[0m', ''],
  ['[;31m', 'in-red'],
];

test.each(styles)('ESC%s', (written, classes) => {
  expect(styledText(`${esc}${written}x`)).toEqual([{ text: 'x', classes }]);
});

test('a style holds until it is changed, and ends with the line', () => {
  expect(styledText(`a ${esc}[31mred ${esc}[1mbold${esc}[22;39m plain`)).toEqual([
    { text: 'a ', classes: '' },
    { text: 'red ', classes: 'in-red' },
    { text: 'bold', classes: 'bold in-red' },
    { text: ' plain', classes: '' },
  ]);
  expect(styledText('next')).toEqual([{ text: 'next', classes: '' }]);
});

const texts: [written: string, shown: string][] = [
  ['<script>alert(1)</script>', '<script>alert(1)</script>'],
  [
    `${esc}]8;;https://evil.example${esc}\\click${esc}]8;;${esc}\\`,
    '␛]8;;https://evil.example␛\\click␛]8;;␛\\',
  ],
  [`${esc}]52;c;aGk=\u0007`, '␛]52;c;aGk=␇'],
  [`${esc}[2J${esc}[1;1Hup and them`, '␛[2J␛[1;1Hup and them'],
  [`warning:${esc}[K ${esc}[01m${esc}[Kx`, 'warning: x'],
  [`${esc}[2Kerases more`, '␛[2Kerases more'],
  ['nul\u0000 bell\u0007 del\u007f', 'nul␀ bell␇ del<U+007F>'],
  ['lone \ud800 surrogate', 'lone <U+D800> surrogate'],
  ['\u202ertl\u2066', '<U+202E>rtl<U+2066>'],
  ['10%\r20%\r100%', '100%'],
  ['100%\r', '100%'],
  ['#7 0.312 10%\r20%\r100%', '#7 0.312 100%'],
  [`${esc}`, '␛'],
  ['', ''],
];

test.each(texts)('%j is shown as %j', (written, shown) => {
  expect(textOf(written)).toBe(shown);
  expect(plainText(written)).toBe(shown);
});

test('halves of a character are not joined over a change of colour', () => {
  expect(textOf(`half \ud83d${esc}[31m\ude00`)).toBe('half <U+D83D><U+DE00>');
});

test('a line of 1 MB of escapes is read to its end', () => {
  expect(textOf(`${esc}[3`.repeat(350_000))).toHaveLength(1_050_000);
  expect(textOf(`${esc}[31mx`.repeat(150_000))).toHaveLength(150_000);
});

test('after two hundred changes of colour a line is plain', () => {
  const few = styledText(`${esc}[31mx${esc}[32my`.repeat(100));
  expect(few).toHaveLength(200);
  expect(few.at(-1)).toEqual({ text: 'y', classes: 'in-green' });
  const many = styledText([`${esc}[31mx${esc}[32my`.repeat(1_000), `${esc}[K${esc}[2J`].join(''));
  expect(many).toHaveLength(201);
  expect(many.at(-1)).toEqual({ text: `${'xy'.repeat(900)}␛[2J`, classes: '' });
});

test('every colour of a log can be read on its ground, light and dark', () => {
  const weak = Object.entries(ansiColours).flatMap(([name, pair]) =>
    pair.flatMap((colour, mode) => {
      const contrast = contrastOf(colour, logGround[mode]!);
      return contrast < 4.5 ? [{ name, mode, contrast }] : [];
    }),
  );
  expect(weak).toEqual([]);
});

/** As WCAG 2 defines it. */
function contrastOf(one: string, other: string): number {
  const [light = 0, dark = 0] = [one, other].map(luminance).sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((start) => {
    const share = Number.parseInt(hex.slice(start, start + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
