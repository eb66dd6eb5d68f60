/** A `${…}` in a compose file asks for a variable that is not there. */
export class VariableMissing extends Error {
  override name = 'VariableMissing';
}

/** `$$`, `${NAME}`, `${NAME:-default}` with its relatives, `$NAME`. */
const variable = /\$(?:\$|\{([A-Za-z_]\w*)(?:(:?[-+?])([^}]*))?\}|([A-Za-z_]\w*))/g;

/**
 * Replaces variables in every text of a compose file's values, as
 * https://docs.docker.com/reference/compose-file/interpolation/ has it; one that is not there is
 * empty. Throws VariableMissing for `${NAME?message}`.
 */
export function interpolate(value: unknown, variables: Record<string, string>): unknown {
  if (typeof value === 'string') {
    return value.replace(variable, (all, braced, operator, word, plain) =>
      all === '$$' ? '$' : replacement(variables, braced ?? plain, operator, word ?? ''),
    );
  }
  if (Array.isArray(value)) return value.map((item) => interpolate(item, variables));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, interpolate(item, variables)]),
  );
}

function replacement(
  variables: Record<string, string>,
  name: string,
  operator: string | undefined,
  word: string,
): string {
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
  const isThere = operator?.startsWith(':') ? Boolean(value) : value !== undefined;
  if (operator?.endsWith('+')) return isThere ? word : '';
  if (isThere) return value ?? '';
  if (operator?.endsWith('?')) throw new VariableMissing(`$${name} is not there: ${word}`);
  return operator ? word : '';
}
