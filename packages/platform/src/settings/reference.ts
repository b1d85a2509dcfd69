import { conditionText, describeSettings, type SettingDescription, type SettingsShape } from './describe.js';

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

function row(setting: SettingDescription): string {
  const { name, form, description, secret } = setting;
  const cells = [`\`${name}\``, secret ? `${form}, secret` : form, without(setting), description];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** What holds when it is not set. */
function without({ required, requiredWith, default: value }: SettingDescription): string {
  if (required) return '**required**';
  if (requiredWith) return `**required** with \`${conditionText(requiredWith)}\``;
  return value ? `\`${value}\`` : '–';
}
