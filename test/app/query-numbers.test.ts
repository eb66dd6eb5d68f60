import { expect, test } from '@jest/globals';
import { readParameters } from '../../app/routes/api-input.ts';
import {
  imagesQuerySchema,
  linesQuerySchema,
  readLine,
  readQuery,
} from '../../app/routes/query.ts';

const notNumbers = ['0x10', '1e2', ' 10', '10 ', '+5', '-1', '1.5', '', 'Infinity', '１０', 'many'];

test.each(notNumbers)('%j is no number', (text) => {
  expect(() => readQuery({ limit: text })).toThrow('must be a number from 1 to 100');
  const lines = { after: text };
  expect(() => readParameters(linesQuerySchema, lines)).toThrow('must be the number of a line');
  expect(readLine(text)).toBe(1);
});

test.each(['1e5', '0x10', ' 5', '', '1.0', '1e5-0', '5-1e1', '5-'])('nor a cursor: %j', (text) => {
  const cursor = Buffer.from(text).toString('base64url');
  expect(() => readQuery({ cursor })).toThrow('must be one that this API gave out');
  expect(() => readParameters(imagesQuerySchema, { cursor })).toThrow('that this API gave out');
});

test('digits are', () => {
  const cursor = Buffer.from('120').toString('base64url');
  expect(readQuery({ limit: '100', cursor })).toEqual({ limit: 100, cursor: 120 });
  expect(readQuery({})).toEqual({ limit: 30 });
  expect(() => readQuery({ limit: '101' })).toThrow('must be from 1 to 100, not "101"');
  expect(readParameters(linesQuerySchema, { until: '12' })).toMatchObject({ after: 0, until: 12 });
  expect(readLine('12')).toBe(12);
  expect(readLine('0')).toBe(1);
});
