import { randomBytes } from 'node:crypto';
import type { Access, Person, World } from './world.ts';
import { accountOf, now } from './world.ts';

const eightHours = 28_800;

/** The person of that login; access is added to what they had. */
export const personOf = (
  world: World,
  login: string,
  access: Record<string, Access> = {},
): Person => {
  const known = world.people.get(login.toLowerCase());
  if (known) {
    Object.assign(known.access, access);
    return known;
  }
  const person: Person = { account: accountOf(world, login, 'User'), access: { ...access } };
  world.people.set(login.toLowerCase(), person);
  return person;
};

/** A token of eight hours that acts for a person, in the words of GitHub's token exchange. */
export const issueUserToken = (world: World, person: Person) => {
  const token = `ghu_${randomBytes(27).toString('base64url')}`;
  const refresh = `ghr_${randomBytes(57).toString('base64url')}`;
  const expiresAt = now(world) + eightHours * 1000;
  world.userTokens.set(token, { token, person, expiresAt, refresh });
  return {
    access_token: token,
    expires_in: eightHours,
    refresh_token: refresh,
    refresh_token_expires_in: 15_897_600,
    scope: '',
    token_type: 'bearer',
  };
};
