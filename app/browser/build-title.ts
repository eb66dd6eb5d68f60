/** What a tab says of a build: its state first, since a narrow tab cuts the rest. */
export const buildTitle = ({
  state,
  repo,
  name,
  sha,
}: Record<'state' | 'repo' | 'name' | 'sha', string>) =>
  `${state}: ${repo}${name ? ` / ${name}` : ''} ${sha.slice(0, 7)}`;
