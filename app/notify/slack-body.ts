import type { Build } from '../../queue/build.ts';
import { refName, shortSha } from '../../queue/text.ts';
import { visibleText } from '../browser/visible-text.ts';

/** More of one text that others wrote is cut, in characters. */
const longest = 300;

/**
 * A message in Slack's mrkdwn (https://docs.slack.dev/messaging/formatting-message-text), which
 * Mattermost and others take too. Nothing that somebody wrote makes a mention, a preview, or a link
 * that hides where it leads.
 */
export function slackBody(build: Build): object {
  const { repo, name, state, url, reason, ref, sha, message, author } = build;
  const title = name ? `${repo} / ${name}` : repo;
  const where = ref ? `${plain(refName(ref))} at ${shortSha(sha)}` : shortSha(sha);
  const lines = [
    `${signs[state] ?? ''} <${url}|${plain(title)}> ${state}: ${plain(reason ?? '')}`,
    `${where}: ${plain(message)}, by ${plain(author)}`,
    ...(build.digest && build.publish
      ? [`${plain(build.image)}@${build.digest}, tagged ${plain(build.tags.join(', '))}`]
      : []),
  ];
  return { text: lines.join('\n'), unfurl_links: false, unfurl_media: false };
}

const signs: Partial<Record<Build['state'], string>> = {
  succeeded: ':white_check_mark:',
  failed: ':x:',
  errored: ':warning:',
  cancelled: ':no_entry_sign:',
};

/**
 * The three characters that Slack's syntax begins with taken their meaning, and what Mattermost and
 * Rocket.Chat see besides: mentions, and links in Markdown, which hide where they lead.
 */
const plain = (text: string): string =>
  visibleText(text.slice(0, longest).replace(/\s+/g, ' '))
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/@(?=\w)/g, '@\u200b')
    .replace(/\](?=[([])/g, ']\u200b');
