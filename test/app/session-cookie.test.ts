import { expect, test } from '@jest/globals';
import { sessionCookie } from '../../app/routes/session-cookie.ts';

// What Chromium 156 keeps, tried with each of them.
test.each([
  ['https://slipway.example.com', '__Host-slipway', true],
  ['http://127.0.0.1:3000', '__Host-slipway', true],
  ['http://localhost:3000', '__Host-slipway', true],
  ['http://x.localhost:3000', '__Host-slipway', true],
  ['http://0.0.0.0:3000', 'slipway', false],
  ['http://10.0.0.7', 'slipway', false],
  ['http://slipway.example.com', 'slipway', false],
  ['http://localhost.example.com', 'slipway', false],
  ['http://127.example.com', 'slipway', false],
])('at %s the cookie is %s', (url, name, secure) => {
  const options = { httpOnly: true, sameSite: 'Lax', path: '/', maxAge: 30 * 86_400, secure };
  expect(sessionCookie(url)).toEqual({ name, options });
});
