import type { Failure } from '../../queue/build.ts';
import type { Mistake } from '../rules/mistakes.ts';
import { mostMistakes, rulesPath } from '../rules/read-rules.ts';

/** A library's word on what is wrong may quote all of it, in characters. */
const longestMessage = 500;

/** How a build ends of which the rules file has something wrong: its sentence and its places. */
export function failureOf(all: Mistake[]): { reason: string; failure: Failure } {
  const mistakes = all
    .slice(0, mostMistakes)
    .map((mistake) => ({ ...mistake, message: mistake.message.slice(0, longestMessage) }));
  const [{ line, key, message } = { line: 1, key: '', message: '' }] = mistakes;
  const others = all.length - 1;
  const more = others === 1 ? ' There is 1 more mistake.' : ` There are ${others} more mistakes.`;
  return {
    reason: `${rulesPath} line ${line}: ${key ? `${key}: ` : ''}${message}${others > 0 ? more : ''}`,
    failure: {
      ...{ step: 'plan', path: rulesPath, line, endLine: line },
      ...{ lastLines: [], mistakes },
    },
  };
}
