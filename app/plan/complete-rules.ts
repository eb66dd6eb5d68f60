import type { Repository } from '../../queue/build.ts';
import type { Mistake } from '../rules/mistakes.ts';
import type { Locate, ReadRules } from '../rules/read-rules.ts';
import { completeRule, type Rule, RuleMistakes, ruleWithoutFile } from './rule.ts';

/** A rule, and where something of it is written that turns out to be wrong later. */
export type PlacedRule = Rule & {
  locate: Locate;
  /** Whether its file names somebody who is to be told of ends. */
  notifies: boolean;
};

type Written = Extract<ReadRules, { rules: unknown }>;

/** What stands for a file where there is none. */
export const withoutFile: Written = {
  rules: [ruleWithoutFile],
  notify: [],
  locate: ({ message }) => ({ line: 1, column: 1, key: '', message }),
};

/** Completes every rule; what tags or patterns have wrong is a mistake of the file too. */
export function completeRules(
  registry: string,
  repository: Repository,
  { rules: written, notify, locate }: Written,
): { rules: PlacedRule[] } | { mistakes: Mistake[] } {
  const mistakes: Mistake[] = [];
  const rules = written.map((rule, i): PlacedRule | null => {
    const locateHere: Locate = (place) => locate({ ...place, path: ['images', i, ...place.path] });
    try {
      const complete = completeRule(registry, repository, rule);
      return { ...complete, locate: locateHere, notifies: notify.length > 0 };
    } catch (error) {
      if (!(error instanceof RuleMistakes)) throw error;
      mistakes.push(...error.places.map(locateHere));
      return null;
    }
  });
  const complete = rules.filter((rule) => rule !== null);
  for (const [i, { image, locate: locateHere }] of complete.entries()) {
    if (complete.findIndex((other) => other.image === image) < i) {
      const message = `Another image goes to ${image} already; give this one a name of its own.`;
      mistakes.push(locateHere({ path: ['image'], message }));
    }
  }
  return mistakes.length > 0 ? { mistakes } : { rules: complete };
}
