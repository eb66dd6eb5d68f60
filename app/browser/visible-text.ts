/**
 * Text that others wrote, as it may stand on a page: without the codes that colour a terminal, and
 * with a visible sign in place of every other control character and of those that turn the
 * direction of writing (https://trojansource.codes), so that nothing hides and nothing moves.
 */
export const visibleText = (text: string): string =>
  text
    .replace(/\u001b\[[\d;:]*m/g, '')
    .replace(/[\u0000-\u0008\u000b-\u001f]/g, (character) =>
      String.fromCharCode(0x2400 + character.charCodeAt(0)),
    )
    .replace(/[\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]/gu, named);

const named = (character: string): string =>
  `<U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}>`;
