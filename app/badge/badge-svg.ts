import { makeBadge } from 'badge-maker';
import { visibleText } from '../browser/visible-text.ts';
import type { BadgeState } from './badge-state.ts';

/** A badge as a picture, which names itself `<label>: <state>` for those who cannot see it. */
export const badgeSvg = (label: string, state: BadgeState): string =>
  makeBadge({ label: inXml(label), message: state, color: colours[state] });

const colours: Record<BadgeState, string> = {
  passing: 'brightgreen',
  failing: 'red',
  errored: 'orange',
  cancelled: 'lightgrey',
  building: 'blue',
  unknown: 'lightgrey',
};

/** XML has no way to write some characters at all (https://www.w3.org/TR/xml/#charsets). */
const inXml = (text: string): string => visibleText(text).replace(/[\t\n\ufffe\uffff]/g, ' ');
