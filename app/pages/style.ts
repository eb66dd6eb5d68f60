import { base } from './styles/base.ts';

/** The style of all pages. */
export const style = [base].join('');
