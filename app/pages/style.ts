import { ansi } from './styles/ansi.ts';
import { api } from './styles/api.ts';
import { base } from './styles/base.ts';
import { build } from './styles/build.ts';
import { checks } from './styles/checks.ts';
import { header } from './styles/header.ts';
import { lists } from './styles/lists.ts';
import { notifications } from './styles/notifications.ts';
import { repository } from './styles/repository.ts';

/** The style of all pages. */
export const style = [
  base,
  ansi,
  api,
  build,
  header,
  lists,
  repository,
  notifications,
  checks,
].join('');
