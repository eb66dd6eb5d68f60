import { expect, test } from '@jest/globals';
import { checkConfigs, webConfig, workerConfig } from '../../queue/config.ts';

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

const both = { REDIS_URL: 'redis://one', REGISTRY: 'localhost:5000' };

test.each([
  ['BUILD_TIMEOUT', '600h', 'is too long; give 576h (24 days) or less'],
  ['STOP_GRACE', '1000h', 'is too long; give 576h (24 days) or less'],
  ['PUSH_TIMEOUT', '9999999999h', 'is too long; give 576h (24 days) or less'],
  ['SILENCE_TIMEOUT', '0s', 'is too short; give 1s or more'],
  ['CONTEXT_LIMIT', '0', 'is too small; give 64k or more'],
  ['MIRROR_LIMIT', '1k', 'is too small; give 1m or more'],
  ['TEST_MEMORY', '1', 'is too small; give 6m or more'],
  ['DISK_FLOOR', '99999999999999999g', 'is too large; give less than 8388608g'],
])('the worker refuses %s=%s: it %s', (name, value, problem) => {
  expect(() => workerConfig({ ...both, [name]: value })).toThrow(`${name}=${value} ${problem}`);
});

test.each([
  ['QUEUE_TIMEOUT', '0s', 'is too short; give 1s or more'],
  ['SWEEP_INTERVAL', '577h', 'is too long; give 576h (24 days) or less'],
  ['KEEP_LOGS_FOR', '0d', 'is too short; give 1h or more'],
])('web refuses %s=%s: it %s', (name, value, problem) => {
  expect(() => webConfig({ ...local, [name]: value })).toThrow(`${name}=${value} ${problem}`);
});

test('no time to end in, and no room to keep free, are wishes like others', () => {
  const given = { ...both, STOP_GRACE: '0s', DISK_FLOOR: '0', BUILD_TIMEOUT: '576h' };
  expect(workerConfig(given)).toMatchObject({ STOP_GRACE: 0, DISK_FLOOR: 0 });
});

test('who starts both processes is told the mistakes of both, each once', () => {
  const wrong = {
    ...local,
    REGISTRY: 'http://one',
    QUEUE_TIMEOUT: 'long',
    BUILD_TIMEOUT: 'longer',
  };
  const message = /QUEUE_TIMEOUT=long is .*\n {2}BUILD_TIMEOUT=longer is /s;
  expect(() => checkConfigs(wrong)).toThrow(message);
  expect(() => checkConfigs(wrong)).not.toThrow(/REGISTRY=.*REGISTRY=/s);
  expect(() => checkConfigs({ ...both, LOCAL_REMOTE: 'yes' })).toThrow(
    /LOCAL_REMOTE=yes must be true or false/,
  );
});
