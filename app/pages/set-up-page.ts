import { html } from 'hono/html';
import { isLoopback } from '../set-up/is-loopback.ts';
import { layout } from './layout.ts';

/** What the page that registers an App shows. */
export type SetUp = {
  /** Where the form goes, on GitHub. */
  action: string;
  manifest: object;
  organization: string;
  publicUrl: string;
};

/** The page that registers a GitHub App for this service, by one form that goes to GitHub. */
export const setUpPage = ({ action, manifest, organization, publicUrl }: SetUp) =>
  layout(
    { title: 'Set up GitHub', caller: null },
    html`<h1>Set up GitHub</h1>
      <p>Slipway builds what is pushed to GitHub through a GitHub App of your own. GitHub shows you
        its name, which you may change, and registers it; you then choose its repositories.</p>
      ${isLoopback(publicUrl) ? unreachable(publicUrl) : ''}
      <form method="get" action="/setup" class="fields">
        <label>For the organization
          <input name="organization" value="${organization}" placeholder="none: your own account"
            maxlength="39" autocomplete="off" spellcheck="false"></label>
        <button>Choose</button>
      </form>
      <form method="post" action="${action}">
        <input type="hidden" name="manifest" value="${JSON.stringify(manifest)}">
        <p><button>Register the App ${organization ? html`for ${organization}` : 'for my account'} on
          ${new URL(action).host}</button></p>
      </form>
      <h2>What GitHub is asked for</h2>
      <pre>${JSON.stringify(manifest, null, 2)}</pre>`,
  );

/** After the registration: what is left to do. */
export const registeredPage = (file: string, installUrl: string | null) =>
  layout(
    { title: 'The GitHub App is registered', caller: null },
    html`<h1>The GitHub App is registered</h1>
      <p>Its credentials are in <code>${file}</code>, which only its owner can read. Keep that file to
        yourself; to register another App, remove it.</p>
      <ol>
        <li>Stop <code>npm start</code> with Ctrl-C and start it again, with the same
          <code>DATA_DIR</code> and <code>PUBLIC_URL</code>. It then works with GitHub.</li>
        <li>${installUrl ? html`<a href="${installUrl}">Install the App</a>` : 'Install the App, on its page on GitHub,'}
          on the repositories to build.</li>
        <li>Push a commit with a Dockerfile.</li>
      </ol>`,
  );

const unreachable = (publicUrl: string) => html`<p role="note" class="failed">GitHub cannot reach
  ${publicUrl}: that is this machine’s name for itself. Without webhooks nothing is built, and
  github.com does not even register such an address.</p>
  <p>First give this machine an address that GitHub can reach, by a reverse proxy or a tunnel to
  this port, and start again with it: <code>PUBLIC_URL=https://slipway.example.com npm start</code>.
  Then open this page again, on this machine, as you did now.</p>`;
