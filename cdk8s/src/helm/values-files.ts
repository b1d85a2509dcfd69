/** The files that describe the values: values.yaml, values.schema.json and a table in Markdown. */
import { stringify } from 'yaml';
import { asKubernetes } from './emit.js';
import { type Declaration, type Group, isGroup, type Schema, valuesIn } from './values.js';

export function valuesYaml(values: Group, indent = ''): string {
  return Object.entries(values.children)
    .map(([name, child]) => {
      const comment = `${indent}# -- ${child.doc}\n`;
      if (isGroup(child)) return `${indent ? '' : '\n'}${comment}${indent}${name}:\n${valuesYaml(child, `${indent}  `)}`;
      const yaml = stringify({ [name]: child.default }, asKubernetes).trimEnd();
      return `${comment}${yaml.replaceAll(/^/gm, indent)}\n`;
    })
    .join('');
}

/** Unknown values are refused: a misspelt one would silently do nothing. */
export function valuesSchema(values: Group, title: string): string {
  const schema = schemaOf(values);
  return `${JSON.stringify({ $schema: 'http://json-schema.org/draft-07/schema#', title, ...schema }, undefined, 2)}\n`;
}

function schemaOf(declaration: Declaration, name = ''): Schema {
  if (!isGroup(declaration)) return { description: declaration.doc, default: declaration.default, ...declaration.schema };
  const children = Object.entries(declaration.children);
  return {
    type: 'object',
    description: declaration.doc,
    properties: Object.fromEntries(children.map(([key, child]) => [key, schemaOf(child, key)])),
    // A map or list may be removed with null; a template that prints one word needs it.
    required: children.filter(([, child]) => isGroup(child) || isScalar(child.kind)).map(([key]) => key),
    // A chart that has this one as a dependency may put more under `global`.
    additionalProperties: name === 'global',
  };
}

function isScalar(kind: string): boolean {
  return kind !== 'map' && kind !== 'list';
}

export function valuesTable(values: Group): string {
  const rows = valuesIn(values).map(({ path, value }) =>
    [`\`${path}\``, `\`${JSON.stringify(value.default)}\``, value.doc].map((cell) => cell.replaceAll('|', '\\|')).join(' | '),
  );
  return ['| Value | Default | Meaning |', '|---|---|---|', ...rows.map((row) => `| ${row} |`)].join('\n');
}
