import { verify } from 'node:crypto';
import type { InstallationToken, Person, World } from './world.ts';
import { now } from './world.ts';

/** Who sent a request, by its `Authorization` header. */
export type Caller =
  | { kind: 'app' }
  | { kind: 'installation'; token: InstallationToken }
  | { kind: 'user'; person: Person }
  /** The App by its client's id and secret. */
  | { kind: 'client' }
  | { kind: 'none' }
  | { kind: 'invalid'; message: string };

const part = (text: string | undefined): Record<string, unknown> => {
  try {
    return JSON.parse(Buffer.from(text ?? '', 'base64url').toString('utf8')) ?? {};
  } catch {
    return {};
  }
};

/**
 * The App's JSON web token, as GitHub checks it: RS256, the App's id or client id as issuer, not
 * from the future, valid for ten minutes at most. Its times are compared with the machine's clock.
 */
const fromJwt = (world: World, jwt: string): Caller => {
  const [head, claims, signature] = jwt.split('.');
  const refuse = (message: string): Caller => ({ kind: 'invalid', message });
  const { iss, iat, exp } = part(claims);
  const signed = verify(
    'RSA-SHA256',
    Buffer.from(`${head}.${claims}`),
    world.publicKey,
    Buffer.from(signature ?? '', 'base64url'),
  );
  if (part(head).alg !== 'RS256' || !signed) return refuse('A JSON web token could not be decoded');
  if (String(iss) !== String(world.appId) && iss !== world.clientId) {
    return refuse("'Issuer' claim ('iss') must be an Integer or the client ID of the App");
  }
  const seconds = Date.now() / 1000;
  if (typeof exp !== 'number' || exp < seconds) {
    return refuse("'Expiration time' claim ('exp') must be a numeric value in the future");
  }
  if (exp > seconds + 601)
    return refuse("'Expiration time' claim ('exp') is too far in the future");
  if (typeof iat !== 'number' || iat > seconds + 60) {
    return refuse("'Issued at' claim ('iat') must be an Integer representing the time in the past");
  }
  return { kind: 'app' };
};

const bad: Caller = { kind: 'invalid', message: 'Bad credentials' };

const fromToken = (world: World, token: string): Caller => {
  const installation = world.installationTokens.get(token);
  if (installation) {
    const gone = installation.installation.removed || installation.expiresAt <= now(world);
    return gone ? bad : { kind: 'installation', token: installation };
  }
  const user = world.userTokens.get(token);
  return user && user.expiresAt > now(world) ? { kind: 'user', person: user.person } : bad;
};

/** Reads `Bearer …`, `token …` and `Basic …` (the password is the token, or the client's secret). */
export const identify = (world: World, authorization: string | undefined): Caller => {
  if (!authorization) return { kind: 'none' };
  const [scheme = '', value = ''] = authorization.split(' ');
  if (/^basic$/i.test(scheme)) {
    const [name = '', ...password] = Buffer.from(value, 'base64').toString('utf8').split(':');
    if (name === world.clientId && password.join(':') === world.clientSecret) {
      return { kind: 'client' };
    }
    return fromToken(world, password.join(':') || name);
  }
  if (!/^(bearer|token)$/i.test(scheme)) return bad;
  return value.split('.').length === 3 && !/^gh[a-z]_/.test(value)
    ? fromJwt(world, value)
    : fromToken(world, value);
};
