import { connect } from 'node:net';
import { Redis } from 'ioredis';
import { changeBuild, createBuild } from '../../queue/build-store.ts';
import { keysUnder } from '../../queue/keys.ts';
import { appendLines } from '../../queue/live-log.ts';
import { newBuild } from '../queue/new-build.ts';
import { readEvents, type ServerEvent } from './read-events.ts';
import type { Slipway } from './start-slipway.ts';

/** A running build of which no worker knows: the test itself prints its lines. */
export async function buildOfOurs(slipway: Slipway) {
  const redis = new Redis(slipway.redisUrl, { maxRetriesPerRequest: null });
  const store = { redis, keys: keysUnder('slipway') };
  const { id } = newBuild();
  await createBuild(store, { ...newBuild(), id });
  const startedAt = new Date().toISOString();
  await changeBuild(store, id, {
    to: 'running',
    countUp: ['attempt', 'fence'],
    set: { startedAt },
  });
  const url = `${slipway.url}/api/builds/${id}`;
  return {
    id,
    url,
    store,
    print: (texts: string[]) => {
      const at = Date.now();
      const line = { at, step: 'build', stream: 'stdout' } as const;
      return appendLines(
        store,
        id,
        1,
        texts.map((text) => ({ ...line, text })),
      );
    },
    end: async () => {
      const finishedAt = new Date().toISOString();
      await changeBuild(store, id, { to: 'succeeded', set: { finishedAt, reason: 'Done.' } });
    },
    close: () => redis.disconnect(),
  };
}

/** Asks for something over a connection of its own, and reads the answer only when told to. */
export async function slowReader(
  url: string,
): Promise<{ text: () => Promise<string>; left: () => void }> {
  const { hostname, port, pathname, search } = new URL(url);
  const socket = connect(Number(port), hostname);
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.pause();
  socket.write(`GET ${pathname}${search} HTTP/1.0\r\nHost: ${hostname}\r\n\r\n`);
  return {
    text: async () => {
      let text = '';
      socket.setEncoding('utf8');
      for await (const chunk of socket) text += chunk;
      return text.slice(text.indexOf('\r\n\r\n') + 4);
    },
    left: () => socket.destroy(),
  };
}

/** Every event of a build, as a browser that keeps up reads them. */
export const allEvents = (url: string): Promise<ServerEvent[]> => readEvents(`${url}/events`, null);
