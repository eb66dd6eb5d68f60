import type { FaultRequest } from '../github/faults.ts';
import type { Slipway } from '../system/start-slipway.ts';

/** Requests that wait on their way. */
export type Hold = {
  /** Settled once one of them has come. */
  reached: Promise<void>;
  reach: () => void;
  released: Promise<void>;
  /** Lets them through, and those that come later. */
  release: () => void;
};

/** A hold for whoever passes requests on. */
export function newHold(): Hold {
  const [reached, reach] = signal();
  const [released, release] = signal();
  return { reached, reach, released, release };
}

/** Holds requests to GitHub whose `METHOD path body` matches. */
export function holdGitHub({ github }: Slipway, requests: RegExp): Hold {
  const hold = newHold();
  const match = ({ method, path, body }: FaultRequest): boolean => {
    const isHeld = requests.test(`${method} ${path} ${body}`);
    if (isHeld) hold.reach();
    return isHeld;
  };
  const end = github.fault({ match, until: hold.released });
  void hold.released.then(end);
  return hold;
}

function signal(): [Promise<void>, () => void] {
  let give = () => {};
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return [given, give];
}
