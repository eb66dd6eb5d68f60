// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the language that is tested
import { expect, test } from '@jest/globals';
import { interpolate, VariableMissing } from '../../../worker/test/interpolate.ts';

const variables = { NAME: 'web', EMPTY: '' };

test.each([
  ['$NAME-$$NAME', 'web-$NAME'],
  ['${NAME}${OTHER}', 'web'],
  ['${OTHER:-x}${EMPTY:-y}${EMPTY-z}', 'xy'],
  ['${NAME:+set}${EMPTY:+set}${EMPTY+there}', 'setthere'],
  ['${constructor}${toString:-own}', 'own'],
  ['$(whoami) $1 `id`', '$(whoami) $1 `id`'],
])('%s becomes %s', (text, expected) => {
  expect(interpolate(text, variables)).toBe(expected);
});

test('values are replaced wherever they are, keys and other kinds are not', () => {
  expect(interpolate({ $NAME: ['$NAME', 1, null, true] }, variables)).toEqual({
    $NAME: ['web', 1, null, true],
  });
});

test('a variable that must be there is asked for by name', () => {
  expect(() => interpolate('${OTHER:?give it}', variables)).toThrow(VariableMissing);
  expect(() => interpolate('${OTHER:?give it}', variables)).toThrow('$OTHER is not there: give it');
});
