import { ansi } from './styles/ansi.ts';
import { base } from './styles/base.ts';
import { build } from './styles/build.ts';

/** The style of all pages. */
export const style = [base, ansi, build].join('');
