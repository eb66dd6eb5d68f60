import { describe, expect, test } from '@jest/globals';
import ipaddr from 'ipaddr.js';
import { findAddresses, kindOf } from '../../../app/notify/addresses.ts';
import { allowed } from '../../../queue/notify-values.ts';

const nothing = allowed.parse('');

describe('an address of the public Internet is taken', () => {
  test.each(['1.1.1.1', '8.8.8.8', '172.32.0.1', '192.169.0.1', '100.128.0.1', '2606:4700::1111'])(
    '%s',
    async (address) => {
      expect(kindOf(ipaddr.process(address))).toBeNull();
      const host = address.includes(':') ? `[${address}]` : address;
      const found = await findAddresses(new URL(`https://${host}:8443/hook`), nothing);
      expect(found).toEqual([{ address, family: address.includes(':') ? 6 : 4 }]);
    },
  );
});

describe('any other is refused, however it is written', () => {
  test.each([
    ...['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0177.0.0.1', '127.255.255.254'],
    ...['0.0.0.0', '0', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
    ...['100.64.0.1', '100.127.255.255', '169.254.169.254', '192.0.0.192', '192.0.2.1'],
    ...['198.18.0.1', '198.51.100.1', '203.0.113.1', '224.0.0.1', '240.0.0.1', '255.255.255.255'],
    ...['[::]', '[::1]', '[::ffff:127.0.0.1]', '[::ffff:a9fe:a9fe]', '[::127.0.0.1]'],
    ...['[::7f00:1]', '[::ffff:0:127.0.0.1]', '[64:ff9b::7f00:1]', '[64:ff9b:1::a00:1]'],
    ...['[fe80::1]', '[fec0::1]', '[fc00::1]', '[fd00:ec2::254]', '[ff02::1]', '[100::1]'],
    ...['[2002:7f00:1::]', '[2001::1]', '[2001:db8::1]', '[3fff::1]', '[4000::1]', '[5f00::1]'],
    ...['localhost', 'LOCALHOST'],
  ])('%s', async (host) => {
    const url = new URL(`https://${host}/`);
    await expect(findAddresses(url, nothing)).rejects.toThrow(/is no public address \(\S+.*\)/);
  });

  test('the sentence says where a name leads and who may allow it', async () => {
    await expect(findAddresses(new URL('https://localhost/secret'), nothing)).rejects.toThrow(
      /^localhost leads to (127\.0\.0\.1|::1), which is no public address \(loopback\), and NOTIFY_ALLOW does not name it\.$/,
    );
  });
});

test('a password and plain http are refused', async () => {
  const ask = (url: string) => findAddresses(new URL(url), nothing);
  await expect(ask('https://a:b@1.1.1.1/')).rejects.toThrow('user name or a password');
  await expect(ask('http://1.1.1.1/')).rejects.toThrow('Its URL is http; only https is used');
});

test('what the operator allows is taken, by http too, and nothing near it', async () => {
  const some = allowed.parse('localhost, 10.1.0.0/16, fd00::7, 127.0.0.1');
  const ask = (url: string) => findAddresses(new URL(url), some);
  for (const url of [
    'http://10.1.2.3',
    'http://[fd00::7]',
    'http://127.0.0.1:80',
    'http://localhost',
  ])
    expect((await ask(url)).length).toBeGreaterThan(0);
  expect(await ask('https://[::ffff:127.0.0.1]/')).toHaveLength(1);
  for (const url of ['https://10.2.0.1', 'https://[fd00::8]', 'https://127.0.0.2', 'https://[::1]'])
    await expect(ask(url)).rejects.toThrow('is no public address');
});
