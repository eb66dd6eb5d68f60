import { execa } from 'execa';

/** A line for `startRegistry({ htpasswd })`: only bcrypt is understood there, at its cheapest here. */
export const htpasswdLine = async (user: string, password: string): Promise<string> =>
  (await execa('htpasswd', ['-n', '-b', '-B', '-C', '4', user, password])).stdout.trim();
