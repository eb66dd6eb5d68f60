import { html } from 'hono/html';
import { layout } from './layout.ts';

/** What a browser finds at the address of a local repository: how git is to use it. */
export const localRepositoryPage = (fullName: string, url: string) =>
  layout(
    {
      title: fullName,
      trail: [{ text: fullName, href: `/${fullName}` }, { text: 'git' }],
      caller: null,
    },
    html`<h1>${fullName}</h1>
      <p>This address is for git, and for this machine only. To have what you push built:</p>
      <pre>git push ${url} HEAD:main</pre>
      <p>To have a copy of what was pushed:</p>
      <pre>git clone ${url}</pre>
      <p><a href="/${fullName}">Its builds</a></p>`,
  );
