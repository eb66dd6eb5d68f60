/** What one look at one thing that Slipway needs has found. */
export type Finding = {
  /** What was looked at, e.g. `Registry login`. */
  name: string;
  /** `warning` may do harm some day; `none` could not, or need not, be looked at. */
  state: 'good' | 'warning' | 'wrong' | 'none';
  /** A sentence without any secret. */
  says: string;
  /** What to do about it, in a sentence; null where there is nothing to do. */
  todo: string | null;
};

/** All is well. */
export const good = (name: string, says: string): Finding => ({
  ...{ name, state: 'good', says, todo: null },
});

/** Something does not work, and what would mend it. */
export const wrong = (name: string, says: string, todo: string | null): Finding => ({
  ...{ name, state: 'wrong', says, todo },
});

/** Something may do harm some day, and what would mend it. */
export const warning = (name: string, says: string, todo: string | null): Finding => ({
  ...{ name, state: 'warning', says, todo },
});

/** Not looked at, and why. */
export const notLooked = (name: string, says: string): Finding => ({
  ...{ name, state: 'none', says, todo: null },
});
