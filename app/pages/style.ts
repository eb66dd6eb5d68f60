import { base } from './styles/base.ts';
import { header } from './styles/header.ts';

/** The style of all pages. */
export const style = [base, header].join('');
