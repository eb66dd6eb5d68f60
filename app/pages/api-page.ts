import { html } from 'hono/html';
import type { OpenApi } from '../api/openapi.ts';
import type { Caller } from '../routes/caller.ts';
import { curlOf } from './api-curl.ts';
import { componentLink, fieldList, kindOf, prose, type Schema } from './api-schema.ts';
import { type Html, layout } from './layout.ts';

type Described = OpenApi['paths'][string][string];
type Operation = { method: string; path: string; described: Described };
type Content = { schema: Schema; 'x-events'?: Record<string, { $ref: string }> };

/** The description of the API for people: what it does by topic, and then every body. */
export function apiPage(caller: Caller, description: OpenApi): Html {
  const operations = operationsOf(description);
  const { info, tags, servers, components } = description;
  const url = servers[0]?.url ?? '';
  return layout(
    { title: 'API', trail: [{ text: 'API' }], caller },
    html`<div class="api"><h1>API</h1>
      <p>Programs send a GitHub token as <code>Authorization: Bearer …</code>; whoever has signed in
        here has a session besides. ${prose(info.description)}</p>
      <p>This page is made of <a href="/api/openapi.json">openapi.json</a>, from which clients can be
        generated.</p>
      <nav aria-label="What there is">${tags.map(
        ({ name }) =>
          html`<div><h2>${name}</h2><ul>${operations.filter(of(name)).map(
            ({ method, path, described }) =>
              html`<li><a href="#${described.operationId}">${described.summary}</a>
                <code>${method} ${path}</code></li>`,
          )}</ul></div>`,
      )}</nav>
      ${tags.map(
        ({ name }) =>
          html`<h2>${name}, one by one</h2>${operations.filter(of(name)).map((one) => section(one, url))}`,
      )}
      <h2>Bodies</h2>
      ${Object.entries(components.schemas).map(([name, schema]) => body(name, schema as Schema))}
    </div>`,
  );
}

const operationsOf = ({ paths }: OpenApi): Operation[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({
      ...{ method: method.toUpperCase(), path, described },
    })),
  );

const of =
  (tag: string) =>
  ({ described }: Operation): boolean =>
    described.tags.some((one) => one === tag);

function section({ method, path, described }: Operation, url: string): Html {
  const { operationId, summary, description, parameters, requestBody, responses } = described;
  const isOurs = described.security.some((way) => 'signature' in way) === false;
  return html`<section aria-labelledby="${operationId}">
    <h3 id="${operationId}">${summary}</h3>
    <p><code class="route">${method} ${path}</code></p>
    <p>${prose(description ?? '')} ${whoMay(described)}</p>
    ${parameters.length > 0 ? html`<h4>Parameters</h4><dl>${parameters.map(parameter)}</dl>` : ''}
    ${
      requestBody
        ? html`<h4>Body</h4><p>${componentLink(requestBody.content['application/json'].schema.$ref)}
          as JSON${requestBody.required ? '' : ', or nothing'}.</p>`
        : ''
    }
    <h4>Answers</h4>
    <dl>${Object.entries(responses).map(([status, answer]) => answered(status, answer))}</dl>
    ${isOurs ? html`<h4>Example</h4><pre>${curlOf(url, method, path, described)}</pre>` : ''}
  </section>`;
}

function whoMay({ security }: Described): string {
  if (security.some((way) => 'signature' in way)) return 'For GitHub only.';
  if (security.some((way) => Object.keys(way).length === 0)) return '';
  return 'Needs write access to the repository.';
}

function parameter({
  name,
  in: place,
  required,
  schema,
  ...rest
}: Described['parameters'][number]) {
  const { description = '' } = rest as { description?: string };
  return html`<dt><code>${name}</code></dt>
    <dd><small>${places[place]}: ${kindOf(schema as Schema, required)}</small> ${prose(description)}</dd>`;
}

const places = { path: 'In the path', query: 'In the query', header: 'Header' };

function answered(status: string, answer: Described['responses'][string]): Html {
  const content = Object.entries((answer as { content?: Record<string, Content> }).content ?? {});
  return html`<dt>${status}</dt><dd>${prose(answer.description)} ${content.map(contentText)}</dd>`;
}

function contentText([type, { schema, 'x-events': events }]: [string, Content]): Html {
  if (events) {
    const names = Object.entries(events);
    return html`<small>${type} with ${names.map(
      ([name, { $ref }], at) =>
        html`${at > 0 ? ', ' : ''}<code>${name}</code>: ${componentLink($ref)}`,
    )}</small>`;
  }
  return html`<small>${schema.$ref ? componentLink(schema.$ref) : type}</small>`;
}

const body = (name: string, schema: Schema): Html => html`<section aria-labelledby="body-${name}">
  <h3 id="body-${name}">${name}</h3>
  <p>${prose(schema.description ?? '')}</p>
  ${fieldList(schema)}
</section>`;
