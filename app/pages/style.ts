import { api } from './styles/api.ts';
import { base } from './styles/base.ts';

/** The style of all pages. */
export const style = [base, api].join('');
