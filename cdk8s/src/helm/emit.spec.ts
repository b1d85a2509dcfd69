import { items, merge, optional, range, when } from './directives.js';
import { emit } from './emit.js';
import { builtin, checksum, include, includeBlock, sum } from './expression.js';
import { choice, flag, group, integer, list, map, references, text } from './values.js';

const v = references(
  group('', {
    name: text('', 'Text.'),
    mode: choice(['fast', 'safe'], 'One of some.'),
    count: integer(1, 'Whole number.'),
    enabled: flag(true, 'Switch.'),
    labels: map({}, 'Map.'),
    hosts: list<string>([], 'List.', {}),
    image: group('Group.', { tag: text('', 'Tag.') }),
  }),
);

describe('emit', () => {
  test('quotes text, and prints whole numbers as such, however large', () => {
    expect(
      emit({ a: v.name, b: v.count, c: v.enabled, d: v.mode, e: v.count.asText(), f: 'true', g: 5, h: ['yes', '0777'] }),
    ).toBe(
      yaml(
        'a: {{ .Values.name | quote }}',
        'b: {{ int64 .Values.count }}',
        'c: {{ .Values.enabled }}',
        'd: {{ .Values.mode }}',
        'e: {{ int64 .Values.count | quote }}',
        'f: "true"',
        'g: 5',
        'h:',
        '  - "yes"',
        '  - "0777"',
      ),
    );
  });

  test('puts expressions into text, without quotes where it is a name', () => {
    const name = include('x.fullname');
    expect(emit({ a: `${name}-api`, b: `http://${name}:${v.count}/"`, [`${name}`]: 1 })).toBe(
      yaml(
        'a: {{ include "x.fullname" . }}-api',
        String.raw`b: "http://{{ include "x.fullname" . }}:{{ int64 .Values.count }}/\""`,
        '{{ include "x.fullname" . }}: 1',
      ),
    );
  });

  test('indents what Helm inserts as deep as it lies', () => {
    const manifest = {
      spec: {
        labels: { own: 'x', ...merge(includeBlock<object>('x.labels')), ...merge(v.labels) },
        all: v.labels,
        ...optional('hosts', v.hosts),
        ...optional('name', v.name),
        list: [{ a: 1, ...when(v.enabled, { b: [2] }) }, items(v.hosts)],
      },
    };
    expect(emit(manifest)).toBe(
      yaml(
        'spec:',
        '  labels:',
        '    {{- include "x.labels" . | nindent 4 }}',
        '    own: x',
        '    {{- with .Values.labels }}',
        '    {{- toYaml . | nindent 4 }}',
        '    {{- end }}',
        '  all:',
        '    {{- toYaml .Values.labels | nindent 4 }}',
        '  {{- with .Values.hosts }}',
        '  hosts:',
        '    {{- toYaml . | nindent 4 }}',
        '  {{- end }}',
        '  {{- with .Values.name }}',
        '  name: {{ quote . }}',
        '  {{- end }}',
        '  list:',
        '    - a: 1',
        '      {{- if .Values.enabled }}',
        '      b:',
        '        - 2',
        '      {{- end }}',
        '    {{- with .Values.hosts }}',
        '    {{- toYaml . | nindent 4 }}',
        '    {{- end }}',
      ),
    );
  });

  test('reaches the root of the values from inside a loop', () => {
    expect(emit({ rules: [range(v.hosts, 'host', (host) => ({ host, name: v.name }))] })).toBe(
      yaml(
        'rules:',
        '  {{- range $host := .Values.hosts }}',
        '  - host: {{ $host | quote }}',
        '    name: {{ $.Values.name | quote }}',
        '  {{- end }}',
      ),
    );
  });

  test('combines conditions, defaults and sums', () => {
    const condition = v.enabled.and(v.name.not(), v.mode.equals('fast').or(v.count));
    expect(
      emit({ ...when(condition, { a: v.name.default(v.image.tag) }), b: sum(v.count, 10), c: builtin('Release.Name') }),
    ).toBe(
      yaml(
        '{{- if and .Values.enabled (not .Values.name) (or (eq .Values.mode "fast") .Values.count) }}',
        'a: {{ .Values.name | default .Values.image.tag | quote }}',
        '{{- end }}',
        'b: {{ int64 (add .Values.count 10) }}',
        'c: {{ .Release.Name | quote }}',
      ),
    );
  });

  test('passes arguments to named templates, and takes digests of them', () => {
    expect(emit({ image: include('x.image', { image: v.image.all, kind: 'api' }), sum: checksum('x.data') })).toBe(
      yaml(
        'image: {{ include "x.image" (dict "root" . "image" .Values.image "kind" "api") }}',
        'sum: {{ include "x.data" . | sha256sum }}',
      ),
    );
  });

  test('puts expressions into text of several lines, which needs no quotes', () => {
    expect(emit({ a: `up{name="${v.name}"}\n/ ${v.count}`, b: `up{name="${v.name}"}\n` })).toBe(
      yaml(
        'a: |-',
        '  up{name="{{ .Values.name }}"}',
        '  / {{ int64 .Values.count }}',
        'b: |-',
        '  up{name="{{ .Values.name }}"}',
      ),
    );
  });

  test('leaves to Prometheus what is in its braces', () => {
    expect(emit({ a: 'Queue {{ $labels.queue }}', b: 'two\nlines {{ $value }}' })).toBe(
      yaml('a: Queue {{`{{ $labels.queue }}`}}', 'b: |-', '  two', '  lines {{`{{ $value }}`}}'),
    );
  });

  test('refuses what would not be YAML', () => {
    expect(() => emit({ list: [{ ...when(v.enabled, { a: 1 }), b: 2 }] })).toThrow(
      'must begin with an entry that is always there',
    );
    expect(() => emit({ list: [v.labels] })).toThrow('cannot be an item of a list');
  });
});

function yaml(...lines: string[]): string {
  return `${lines.join('\n')}\n`;
}
