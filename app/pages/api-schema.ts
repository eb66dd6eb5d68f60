import { html } from 'hono/html';
import type { Html } from './layout.ts';

/** A piece of JSON Schema, as far as the API's own schemas use it. */
export type Schema = {
  type?: string | string[];
  $ref?: string;
  enum?: string[];
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  description?: string;
  format?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  default?: unknown;
};

/** The fields of a body and of what lies in it, each with its kind and what it means. */
export const fieldList = (schema: Schema): Html =>
  html`<dl>${fieldsOf(schema, '').map(
    ({ name, kind, says }) =>
      html`<dt><code>${name}</code></dt><dd><small>${kind}</small> ${prose(says)}</dd>`,
  )}</dl>`;

type Field = { name: string; kind: Html; says: string };

function fieldsOf({ properties = {}, required = [] }: Schema, prefix: string): Field[] {
  return Object.entries(properties).flatMap(([key, schema]) => {
    const name = `${prefix}${key}`;
    const own = { name, kind: kindOf(schema, required.includes(key)), says: saysOf(schema) };
    const { inside, suffix } = insideOf(schema);
    return [own, ...(inside ? fieldsOf(inside, `${name}${suffix}.`) : [])];
  });
}

/** The object that a field is, or that its items are; none for one that has a name of its own. */
function insideOf(schema: Schema): { inside: Schema | undefined; suffix: string } {
  const suffix = schema.items ? '[]' : '';
  const candidates = [schema, schema.items, ...(schema.anyOf ?? [])];
  return { inside: candidates.find((one) => one?.properties), suffix };
}

/** What a value is, in words: `whole number from 1 to 100, 30 if left out`. */
export const kindOf = (schema: Schema, isRequired: boolean): Html => {
  const { default: standard } = schema;
  const left = standard === undefined ? 'may be left out' : `${standard} if left out`;
  return html`${typeOf(schema)}${isRequired ? '' : `, ${left}`}.`;
};

function typeOf(schema: Schema): Html {
  if (schema.$ref) return componentLink(schema.$ref);
  if (schema.anyOf) return listed(schema.anyOf.map(typeOf));
  if (schema.enum) return listed(schema.enum.map((value) => html`<code>${value}</code>`));
  if (schema.items)
    return html`list of ${schema.items.properties ? 'objects' : typeOf(schema.items)}`;
  const types = [schema.type ?? 'anything'].flat().map((type) => words[type] ?? type);
  return html`${types.join(' or ')}${boundsOf(schema)}`;
}

const words: Record<string, string> = {
  integer: 'whole number',
  string: 'text',
  boolean: 'true or false',
  array: 'list',
};

/** Bounds of a number or a text; those that only say what a number can be at all are left out. */
function boundsOf({ minimum, maximum, minLength, maxLength, format }: Schema): string {
  if (format === 'date-time') return ', a time';
  if (maxLength !== undefined)
    return ` of ${minLength ? `${minLength} to` : 'at most'} ${maxLength} characters`;
  if (maximum !== undefined && maximum < 1e15) return ` from ${minimum ?? 0} to ${maximum}`;
  return minimum !== undefined && minimum >= 0 ? ` from ${minimum}` : '';
}

const listed = (parts: Html[]): Html =>
  html`${parts.map((part, at) => (at === 0 ? part : html` or ${part}`))}`;

/** A link to where the page describes a body, by its name in the description. */
export function componentLink(ref: string): Html {
  const name = ref.split('/').at(-1);
  return html`<a href="#body-${name}">${name}</a>`;
}

const saysOf = ({ description, anyOf = [] }: Schema): string =>
  description ?? anyOf.find((one) => one.description)?.description ?? '';

/** A text of the description, with what stands in backticks as code. */
export const prose = (text: string): Html =>
  html`${text.split('`').map((part, at) => (at % 2 === 0 ? part : html`<code>${part}</code>`))}`;
