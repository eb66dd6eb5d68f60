import { expect, test } from '@jest/globals';
import { webConfig } from '../../queue/config.ts';

const local = { REDIS_URL: 'redis://one', REGISTRY: 'localhost:5000', LOCAL_REMOTE: 'true' };
const day = 24 * 3_600_000;

test('what is kept, and how long, has defaults and may be given in days', () => {
  expect(webConfig(local)).toMatchObject({
    ...{ KEEP_BUILDS: 1_000, KEEP_BUILDS_FOR: 365 * day },
    ...{ KEEP_LOGS_FOR: 90 * day, KEEP_DELIVERIES: 100_000 },
  });
  const given = { KEEP_BUILDS: '5', KEEP_BUILDS_FOR: '1.5d', KEEP_LOGS_FOR: '36h' };
  expect(webConfig({ ...local, ...given })).toMatchObject({
    ...{ KEEP_BUILDS: 5, KEEP_BUILDS_FOR: 1.5 * day, KEEP_LOGS_FOR: 1.5 * day },
  });
});

test('every wrong value is named, and no password', () => {
  const wrong = {
    ...{ REDIS_URL: 'redis://:hidden@one,two', KEEP_BUILDS: '0', KEEP_BUILDS_FOR: 'forever' },
    ...{ KEEP_LOGS_FOR: '3w', KEEP_DELIVERIES: 'all' },
  };
  const message = /REDIS_URL names several.*KEEP_BUILDS=0 is too small.*KEEP_BUILDS_FOR=forever/s;
  expect(() => webConfig({ ...local, ...wrong })).toThrow(message);
  expect(() => webConfig({ ...local, ...wrong })).toThrow(/KEEP_LOGS_FOR=3w.*KEEP_DELIVERIES=all/s);
  expect(() => webConfig({ ...local, ...wrong })).not.toThrow('hidden');
});

test('whoever gives one half of what people sign in by is told the other', () => {
  const app = { APP_ID: '1', PRIVATE_KEY: '-----BEGIN KEY-----', WEBHOOK_SECRET: 'secret' };
  const env = { ...local, LOCAL_REMOTE: '', ...app };
  const id = { GITHUB_CLIENT_ID: 'Iv23' };
  const secret = { GITHUB_CLIENT_SECRET: 'hidden' };
  expect(webConfig({ ...env, ...id, ...secret }).github).toMatchObject({ ...id, ...secret });
  expect(webConfig(env).github).toMatchObject({ WEBHOOK_SECRET: 'secret' });
  expect(() => webConfig({ ...env, ...id })).toThrow('GITHUB_CLIENT_SECRET is missing beside');
  expect(() => webConfig({ ...env, ...secret })).toThrow('GITHUB_CLIENT_ID is missing beside');
  expect(() => webConfig({ ...env, ...secret })).not.toThrow('hidden');
});

test('PUBLIC_BUILDS is true unless it is false', () => {
  const given = (text: string) => webConfig({ ...local, PUBLIC_BUILDS: text }).PUBLIC_BUILDS;
  expect([given(''), given('true'), given('false')]).toEqual([true, true, false]);
  expect(() => given('no')).toThrow('PUBLIC_BUILDS=no must be true or false');
});

test('who is told of every end is read from lists between commas', () => {
  const given = {
    NOTIFY_URL: 'https://a.example/?x=y, Acme=https://b.example,acme/Web=http://[fd00::7]/c%2Cd',
    NOTIFY_ALLOW: 'Hooks.internal, 10.0.0.7, fd00::/8',
    NOTIFY_SECRET: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
  };
  const config = webConfig({ ...local, ...given });
  expect(config.NOTIFY_URL).toEqual([
    { of: null, url: 'https://a.example/?x=y' },
    { of: 'acme', url: 'https://b.example' },
    { of: 'acme/web', url: 'http://[fd00::7]/c%2Cd' },
  ]);
  expect(config.NOTIFY_ALLOW.hosts).toEqual(['hooks.internal']);
  expect(config.NOTIFY_ALLOW.ranges.map(String)).toEqual(['10.0.0.7/32', 'fd00::/8']);
  expect(config.NOTIFY_SECRET).toEqual(Buffer.alloc(32, 7));
  expect(webConfig(local)).toMatchObject({ NOTIFY_URL: [], NOTIFY_FORMAT: 'slipway' });
});

test.each([
  ['NOTIFY_URL', 'https://a.example/hidden,hooks/hidden', 'has an entry that is no target'],
  ['NOTIFY_URL', 'https://hidden:b@a.example', 'without user name and password'],
  ['NOTIFY_SECRET', 'hidden', 'is not a key; give whsec_'],
  ['NOTIFY_SECRET', 'whsec_hidden', 'is too short or too long'],
  ['NOTIFY_FORMAT', 'xml', 'NOTIFY_FORMAT=xml is not a format'],
  ['NOTIFY_ALLOW', '10.0.0.0/33', '“10.0.0.0/33” is no host, address or network'],
  ['NOTIFY_ALLOW', 'https://hooks', '“https://hooks” is no host'],
])('a wrong %s, %s, is named without its secret', (name, value, message) => {
  const read = () => webConfig({ ...local, [name]: value });
  expect(read).toThrow(message);
  expect(read).not.toThrow('hidden');
});
