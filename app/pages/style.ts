import { base } from './styles/base.ts';
import { lists } from './styles/lists.ts';

/** The style of all pages. */
export const style = [base, lists].join('');
