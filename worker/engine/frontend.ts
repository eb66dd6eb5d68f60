import { BuildFailed } from './build-errors.ts';

/**
 * Throws {@link BuildFailed} when a Dockerfile or a build argument asks for a frontend other than
 * Docker's own. A frontend is a program from an image that runs inside BuildKit, and old BuildKits
 * let it out (CVE-2024-23651 and others), so nobody's repository chooses one.
 */
export function refuseCustomFrontend(
  dockerfileText: string,
  buildArgs: Record<string, string> = {},
): void {
  const named = [
    ...syntaxDirectives(dockerfileText),
    { frontend: buildArgs.BUILDKIT_SYNTAX ?? '', line: null },
  ];
  for (const { frontend, line } of named) {
    const image = frontend.trim().split(/\s/)[0]!;
    if (image === '' || isDockers(image)) continue;
    const shown = image.length > 200 ? `${image.slice(0, 200)}…` : image;
    throw new BuildFailed(
      `The Dockerfile asks for the frontend ${shown}, and only docker/dockerfile is allowed here`,
      { line, endLine: line },
    );
  }
}

const isDockers = (image: string): boolean =>
  /^(?:(?:index\.)?docker\.io\/)?docker\/dockerfile(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?$/.test(
    image,
  );

/**
 * Every syntax directive that some version of BuildKit would obey: in `#` comments, and since 0.11
 * in `//` comments, after a first line `#!…`, or as the key of a JSON file. See
 * https://github.com/moby/buildkit/blob/master/frontend/dockerfile/parser/directives.go.
 */
function syntaxDirectives(text: string): { frontend: string; line: number | null }[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|[\r\n]/);
  const first = lines[0]!.startsWith('#!') ? 1 : 0;
  const found: { frontend: string; line: number | null }[] = [];
  for (const directive of [
    /^\s*#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(\S.*)$/,
    /^\s*\/\/\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(\S.*)$/,
  ])
    for (let at = first; at < lines.length; at += 1) {
      const match = directive.exec(lines[at]!);
      if (!match) break;
      if (match[1]!.toLowerCase() === 'syntax') found.push({ frontend: match[2]!, line: at + 1 });
    }
  return [...found, ...jsonDirective(text)];
}

function jsonDirective(text: string): { frontend: string; line: null }[] {
  if (!text.trimStart().startsWith('{')) return [];
  try {
    const { syntax } = JSON.parse(text) as { syntax?: unknown };
    return typeof syntax === 'string' ? [{ frontend: syntax, line: null }] : [];
  } catch {
    // Not JSON, so not a directive either: BuildKit takes it for a Dockerfile.
    return [];
  }
}
