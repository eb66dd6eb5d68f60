import { describe, expect, test } from '@jest/globals';
import { visibleEntries } from '../../../worker/reuse/visible-entries.ts';
import { contextWith } from './context-with.ts';

const files = {
  Dockerfile: '1',
  'README.md': '2',
  'a b': '3',
  'a.txt': '4',
  'data.tar': '5',
  'lib/': '',
  'lib/x': '6',
  'linked/': '',
  'linked/here': '-> ../README.md',
  'linked/plain': '7',
  'other/': '',
  'other/way': '-> ../src',
  'src/': '',
  'src/deep/': '',
  'src/deep/y': '8',
  'src/main': '9',
  straight: '-> README.md',
};
const all = Object.keys(files).map((name) => name.replace(/\/$/, ''));
const src = ['src', 'src/deep', 'src/deep/y', 'src/main'];
const lib = ['lib', 'lib/x'];

/** The names of what a Dockerfile after its FROM can see. */
const seenBy = (text: string) =>
  visibleEntries(contextWith({ dockerfile: `FROM base\n${text}\n`, files }))?.map(
    ({ name }) => name,
  ) ?? null;

describe('a Dockerfile sees what it names', () => {
  test.each<[string, string[]]>([
    ['RUN make', []],
    ['COPY src /x', src],
    ['copy src /x', src],
    ['COPY ./src/ /', src],
    ['COPY /src /', src],
    ['COPY src/../lib /', lib],
    ['COPY a.txt src lib /x/', ['a.txt', ...lib, ...src]],
    ['COPY a.txt /x\nFROM other\nCOPY lib /y', ['a.txt', ...lib]],
    ['COPY ["src", "/x"]', src],
    ['COPY ["a b", "/x"]', ['a b']],
    ['COPY   --chown=1:1   --chmod=755   src   /x', src],
    ['COPY --parents src/./deep/y /x', ['src/deep/y']],
    ['COPY --exclude=*.md --link src /x', src],
    ['COPY src/dee? /x', src],
    ['COPY src/*/y lib/[xz] /x/', [...lib, ...src]],
    ['COPY --parents src/**/y /x/', src],
    ['COPY \\\n  # a comment\n\n  src \\\n  /x', src],
    ['ADD data.tar /x', ['data.tar']],
    ['ADD src /x', src],
    ['COPY missing /x', []],
    ['COPY src-not /x', []],
    ['COPY --from=base /src /x', []],
    ['COPY --from=0 --chown=1 src /x', []],
    ['ONBUILD COPY src /x', src],
    ['ONBUILD RUN make', []],
    ['RUN --mount=type=cache,target=/c make', []],
    ['RUN --mount=type=secret,id=s --mount=type=ssh --mount=type=tmpfs,target=/t make', []],
    ['RUN --mount=type=bind,from=base,target=/b make', []],
    ['RUN --mount=from=base,target=/b make', []],
    ['RUN echo --mount=type=bind', []],
    ['RUN <<EOF\nCOPY lib /x\nEOF\nCOPY src /y', src],
    ['RUN cat <<-"A" <<B\n\tA\nB\nCOPY src /y', src],
    ['COPY linked/plain /x', ['linked/plain']],
    ['COPY linked /x', ['linked', 'linked/here', 'linked/plain']],
  ])('%s', (text, expected) => {
    expect(seenBy(text)).toEqual(expected);
  });
});

describe('a Dockerfile sees everything, perhaps', () => {
  test.each([
    'COPY . .',
    'COPY ./ /x',
    'COPY / /x',
    'COPY src/.. /x',
    'COPY ../x /x',
    'COPY * /x',
    'COPY s*c /x',
    'COPY $WHAT /x',
    'COPY "src" /x',
    "COPY 's'rc /x",
    'COPY sr\\c /x',
    'COPY sr`c /x',
    'COPY ["src", "/x"',
    'COPY ["src", "/x"] and more',
    'COPY ["$WHAT", "/x"]',
    'COPY <<EOF /x\ntext\nEOF',
    'ONBUILD COPY . /x',
    'RUN --mount=target=/x make',
    'RUN --mount=type=bind,source=src,target=/x make',
    'RUN --mount=type=cache,target=/c --mount=type=bind,target=/x make',
    'RUN --mount=type=cache,Type=bind,target=/x make',
    'RUN --mount=type=$T,target=/x make',
    'RUN --network=none \\\n  --mount=target=/x make',
    'RUN --mount=target=/x <<EOF\nmake\nEOF',
    'ONBUILD RUN --mount=target=/x make',
    // A link leads anywhere.
    'COPY straight /x',
    'ADD straight /x',
    'COPY other/way/main /x',
    'COPY linked/h* /x',
    'COPY other/*/main /x',
  ])('%s', (text) => {
    expect(seenBy(text)).toEqual(all);
  });
});

describe('a Dockerfile whose image nobody can foretell', () => {
  test.each([
    'ADD https://example.com/x /x',
    'ADD HTTP://example.com/x /x',
    'ADD --checksum=sha256:00 https://example.com/x /x',
    'ADD src ftp://example.com/x /x/',
    'ADD git@github.com:acme/lib.git#main /x',
    'ADD deploy@example.com:lib /x',
    'ADD ssh://example.com/lib /x',
    'ADD github.com/acme/lib.git /x',
    'ADD $WHAT /x',
    'ADD ht\\tps://example.com/x /x',
    'ADD "https:"//example.com/x /x',
    'ADD https:"/"/example.com/x /x',
    'ADD ["https://example.com/x", "/x"]',
    'ADD ["https://example.com/x", "/x"] and more',
    'ONBUILD ADD https://example.com/x /x',
    // What BuildKit reads otherwise than we do, or some BuildKits do.
    'COPY --from= src /x',
    'COPY --from="" src /x',
    'COPY --fr\\om=base src /x',
    'COPY --exclude="a --from=b" src /x',
    'COPY -- --from=base src /x\nRUNN x',
    'RUN --mount=type=bind,from=,target=/x make',
    'RUN --mount=type=bind,from=base,from=,target=/x make',
    'RUN --"mount"=target=/x make',
    'RUN --mo\\unt=target=/x make',
    'RUN echo C:\\\\\nCOPY src /x',
    'RUN echo \\\u00a0\nCOPY src /x',
    '\u0085COPY src /x',
    'COPY a\u00a0b /x',
    'INCLUDE src',
    'RUN cat <<CMD\nCOPY src /x\nCMD',
    'RUN cat <<X\nCOPY src /x\nRUN y \\\nX',
    'RUN cat <<"A B"\nRUN cat <<X\nA B\nCOPY src /x\nX',
    'RUN echo "a <<X"\nCOPY src /x\nRUN cat <<CMD\nX\nCMD',
    `${'#\n'.repeat(10_000)}COPY src /x`,
  ])('%s', (text) => {
    expect(seenBy(text)).toBeNull();
  });

  test('because its lines go on after another character', () => {
    const dockerfile = '# escape=`\nFROM base\nRUN echo \\\nCOPY src /x\n';
    expect(visibleEntries(contextWith({ dockerfile, files }))).toBeNull();
    const late = `# syntax=docker/dockerfile:1\n${dockerfile}`;
    expect(visibleEntries(contextWith({ dockerfile: late, files }))).toBeNull();
  });
});

test('sources after -- are sources, whatever they look like', () => {
  expect(seenBy('COPY -- --from=base src /x')).toEqual(src);
});

test('a syntax directive and an ignored Dockerfile change nothing', () => {
  const dockerfile = '# syntax=docker/dockerfile:1\nFROM base AS one\nCOPY src /x\n';
  const seen = visibleEntries(contextWith({ dockerfile, files: { 'src/main': '1', b: '2' } }));
  expect(seen?.map(({ name }) => name)).toEqual(['src/main']);
});
