/** Writes docs/reference/operations.md from the catalogue. */
import { catalogue, type JsonSchema } from './catalogue.js';

export function operationsReference(): string {
  return [
    '# Operations, formats and analyses',
    '',
    '<!-- Generated from packages/operations. Do not edit. -->',
    '',
    'The operations of an output are carried out in the order in which they are written. The words are those of sharp.',
    '',
    '## Operations',
    '',
    ...table(
      ['Operation', 'What it does'],
      catalogue.operations.map(({ id, description }) => [`[\`${id}\`](#${id.toLowerCase()})`, description]),
    ),
    ...catalogue.operations.flatMap(({ id, description, options, examples }) => [
      `### ${id}`,
      '',
      description,
      '',
      ...optionsTable(options),
      ...examples.flatMap((example) => [
        `${example.title}:`,
        '',
        '```json',
        JSON.stringify({ operation: id, ...example.options }),
        '```',
        '',
      ]),
    ]),
    '## Formats',
    '',
    `Sources: ${catalogue.input_formats.map((format) => `\`${format}\``).join(', ')}. An output without \`format\` keeps that of its source.`,
    '',
    ...catalogue.formats.flatMap((format) => [
      `### ${format.id}`,
      '',
      `${format.description} \`${format.media_type}\`, up to ${format.max_side} pixels a side${format.can_animate ? ', animated' : ''}.`,
      '',
      ...optionsTable(format.options),
    ]),
    '## Analyses',
    '',
    ...catalogue.analyses.flatMap(({ id, description, value }) => [
      `### ${id}`,
      '',
      description,
      '',
      ...(value.properties ? propertyTable(value, 'Member') : [`Value: ${value.description ?? value.type}.`, '']),
    ]),
    ...otherWords,
  ].join('\n');
}

function optionsTable(options: JsonSchema): string[] {
  return Object.keys(options.properties ?? {}).length === 0 ? ['No options.', ''] : propertyTable(options, 'Option');
}

function propertyTable(schema: JsonSchema, heading: string): string[] {
  const rows = Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const described: JsonSchema = typeof property === 'boolean' ? {} : property;
    const fallback = schema.required?.includes(name) ? 'required' : defaultOf(described);
    return [`\`${name}\``, valuesOf(described), fallback, described.description ?? sharedDescription(schema, described)];
  });
  return table([heading, 'Values', heading === 'Option' ? 'Default' : '', 'Meaning'], rows);
}

function defaultOf(schema: JsonSchema): string {
  return schema.default === undefined ? '' : code(schema.default);
}

/** Colours and references carry their description where they are defined. */
function sharedDescription({ $defs = {} }: JsonSchema, { $ref = '' }: JsonSchema): string {
  const shared = $defs[$ref.replace('#/$defs/', '')];
  return typeof shared === 'object' ? (shared.description ?? '') : '';
}

/** What a property may be, in a few words. */
function valuesOf(schema: JsonSchema): string {
  if (schema.$ref !== undefined) return schema.$ref.split('/').at(-1) ?? '';
  if (schema.allOf) return schema.allOf.map((part) => valuesOf(part as JsonSchema)).join(', ');
  if (schema.anyOf) return schema.anyOf.map((part) => valuesOf(part as JsonSchema)).join(' or ');
  if (schema.enum) return schema.enum.map(code).join(', ');
  if (schema.type === 'array') return `list of ${valuesOf((schema.items ?? {}) as JsonSchema)}`;
  // An integer without bounds of its own has those of what JavaScript can count.
  if (schema.minimum === undefined || schema.minimum === Number.MIN_SAFE_INTEGER) return String(schema.type ?? 'any');
  return `${schema.type} ${schema.minimum} to ${schema.maximum}`;
}

function code(value: unknown): string {
  return `\`${JSON.stringify(value)}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [tableRow(head), tableRow(head.map(() => '---')), ...rows.map(tableRow), ''];
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

/** For who comes from another service. */
const otherWords = [
  '## Words of other services',
  '',
  ...table(
    ['Here', 'imgproxy', 'Cloudinary', 'thumbor'],
    [
      ['`resize` with `fit: "cover"`', '`rs:fill`', '`c_fill`', '`200x100`'],
      ['`resize` with `fit: "inside"`', '`rs:fit`', '`c_fit`', '`fit-in/200x100`'],
      ['`resize` with `fit: "contain"`', '`rs:fit` + `ex:1`', '`c_pad`', '`fit-in/…/filters:fill(color)`'],
      ['`resize` with `fit: "fill"`', '`rs:force`', '`c_scale`', '`stretch` filter'],
      ['`withoutEnlargement: true`', '`el:0`', '`c_limit`', '`no_upscale()`'],
      ['`position: "attention"`', '`g:sm`', '`g_auto`', '`smart`'],
      ['`dpr`', '`dpr`', '`dpr`', ''],
      ['`crop`', '`c`', '`c_crop`', '`10x20:100x200`'],
      ['`extend`', '`pd`', '`c_pad`', '`filters:fill`'],
      ['`trim`', '`t`', '`e_trim`', '`trim`'],
      ['`rotate`', '`rot`', '`a_90`', '`rotate(90)`'],
      ['`flop`, `flip`', '`fl`', '`a_hflip`, `a_vflip`', '`-200x-100`'],
      ['`blur`, `sharpen`, `pixelate`', '`bl`, `sh`, `pix`', '`e_blur`, `e_sharpen`, `e_pixelate`', '`blur()`, `sharpen()`'],
      ['`flatten`', '`bg`', '`b_white`', '`background_color()`'],
      ['`roundCorners`', '', '`r_20`', '`round_corner()`'],
      ['`watermark`, `composite`', '`wm`', '`l_logo`', '`watermark()`'],
      ['`text`', '`wmt`', '`l_text`', ''],
      ['`format`, `quality`', '`f`, `q`', '`f_webp`, `q_80`', '`format()`, `quality()`'],
      ['`metadata: "copyright"`', '`kcr`', '`fl_keep_attribution`', ''],
      ['`preset`', '`pr`', '`t_name`', ''],
    ],
  ),
];
