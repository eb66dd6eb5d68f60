import { base } from './styles/base.ts';
import { notifications } from './styles/notifications.ts';

/** The style of all pages. */
export const style = [base, notifications].join('');
