import type { Cluster, Command, Redis } from 'ioredis';

/** How long a refused command is kept before it is sent again, in milliseconds. */
const pause = 1_000;

/** So long after the last refusal the next is another trouble, in milliseconds. */
const quiet = 10_000;

/**
 * How a Redis says that it cannot serve at the moment: its memory or disk is full, it loads its
 * data, it is a replica by now, or its Cluster is between two masters. A script that was stopped by
 * it has changed nothing; Redis before 7 quotes the word in the middle of the script's error.
 */
const refusal =
  /\b(OOM|MISCONF|LOADING|READONLY|MASTERDOWN|NOREPLICAS|CLUSTERDOWN|TRYAGAIN|BUSY) |Too many Cluster redirections/;

type Send = (command: Command, ...rest: unknown[]) => unknown;

/** Whether Redis answered that it cannot serve now, which says nothing about the command. */
export const isRefusal = (error: Error): boolean => refusal.test(error.message);

/**
 * Makes a connection treat such an answer as it treats a Redis that is away: the command waits and
 * is sent again, until Redis takes it. Commands of a MULTI are not, since they belong together: the
 * whole of it fails with EXECABORT. `onRefused` hears of the first refusal of many.
 */
export function resendRefused(redis: Redis | Cluster, onRefused: (error: Error) => void): void {
  const send = redis.sendCommand.bind(redis) as Send;
  const patient = new WeakSet<object>();
  let refusedAt = 0;
  const hear = (error: Error): void => {
    if (Date.now() - refusedAt > quiet) onRefused(refusedNow(error));
    refusedAt = Date.now();
  };
  redis.sendCommand = (command: Command, ...rest: unknown[]) => {
    // ioredis sends a command that waited for the connection through here a second time.
    if (!patient.has(command)) {
      patient.add(command);
      const { reject, inTransaction } = command;
      command.reject = (error) => {
        const isRefused = isRefusal(error);
        if (isRefused) hear(error);
        if (!inTransaction && (isRefused || (isCut(error) && !hasEnded(redis)))) {
          setTimeout(() => send(command), pause);
        } else reject(error);
      };
    }
    return send(command, ...rest);
  };
}

const refusedNow = (error: Error): Error =>
  new Error(`it takes no writes (${error.message.replace(/\.$/, '')}); they wait until it does.`, {
    cause: error,
  });

/** A Cluster gives back what a node had not answered when it went. */
const isCut = ({ message }: Error): boolean => message === 'Connection is closed.';

const hasEnded = ({ status }: Redis | Cluster): boolean =>
  status === 'end' || status === 'disconnecting';
