import { ansi } from './styles/ansi.ts';
import { api } from './styles/api.ts';
import { base } from './styles/base.ts';
import { build } from './styles/build.ts';
import { checks } from './styles/checks.ts';
import { forms } from './styles/forms.ts';
import { header } from './styles/header.ts';
import { notifications } from './styles/notifications.ts';
import { repository } from './styles/repository.ts';
import { states } from './styles/states.ts';
import { tables } from './styles/tables.ts';

/** The style of all pages. */
export const style = [
  base,
  header,
  tables,
  forms,
  states,
  ansi,
  build,
  repository,
  notifications,
  checks,
  api,
].join('');
