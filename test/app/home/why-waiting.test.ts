import { expect, test } from '@jest/globals';
import { whyWaiting } from '../../../app/home/why-waiting.ts';

const fresh = { reason: 'Waiting for a worker.' };
const lost = { reason: 'Its worker was lost; waiting for another.' };
const free = { problem: null, running: 0, concurrency: 2 };
const full = { ...free, running: 2 };
const ill = { ...free, problem: 'No Docker Engine answers at unix:///var/run/docker.sock' };

test.each([
  [fresh, 3, [], 'No worker is there to take it.'],
  [fresh, 0, [ill], 'No worker takes builds at the moment.'],
  [fresh, 0, [ill, full], 'Next, once a worker has a place.'],
  [fresh, 0, [ill, full, free], 'Next.'],
  [fresh, 1, [full], 'Behind 1 other.'],
  [fresh, 12, [full], 'Behind 12 others.'],
  [fresh, null, [free], 'It is about to begin, or to be tried again.'],
  [lost, 2, [full], 'Its worker was lost; waiting for another. Behind 2 others.'],
  [{ reason: null }, 0, [free], 'Next.'],
])('%j at place %j with the workers %j: %s', (build, place, workers, sentence) => {
  expect(whyWaiting(build, place, workers)).toBe(sentence);
});
