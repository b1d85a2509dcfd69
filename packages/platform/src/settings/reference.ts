import { describeSettings, type SettingDescription, type SettingsShape } from './describe.js';

/** The reference page of the settings, in Markdown. */
export function settingsReference(groups: readonly { readonly title: string; readonly settings: SettingsShape }[]): string {
  return `# Settings

Settings are environment variables; an empty one counts as unset. A secret \`NAME\` may also come from a file whose path is in
\`NAME_FILE\`. A service that finds any of them missing or wrong says so for all of them at once and exits with code 78.

${groups.map(({ title, settings }) => section(title, settings)).join('\n')}`;
}

function section(title: string, settings: SettingsShape): string {
  return `## ${title}

| Variable | Value | Default | Meaning |
|---|---|---|---|
${describeSettings(settings).map(row).join('\n')}
`;
}

function row({ name, form, description, required, secret, default: value }: SettingDescription): string {
  const fallback = value === undefined ? '–' : `\`${value}\``;
  const cells = [`\`${name}\``, secret ? `${form}, secret` : form, required ? '**required**' : fallback, description];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
