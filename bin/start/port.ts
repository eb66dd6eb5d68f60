import { freePort, isFree } from '../embedded/free-port.ts';

/** The port for the pages: PORT, or 3000, or any free one for PORT=0. Throws when it is taken. */
export const choosePort = async (env: NodeJS.ProcessEnv): Promise<number> => {
  const port = Number(env.PORT || 3000);
  if (port === 0) return freePort();
  // What is not a port the web process refuses itself, together with all other mistakes.
  const wrong = !Number.isInteger(port) || port < 0 || port > 65_535;
  if (wrong || (await isFree(port, env.HOST || '127.0.0.1'))) return port;
  throw new Error(
    `Port ${port} is taken by another program. Name a free one: PORT=${port + 1} npm start`,
  );
};
