/** That what is shown is really compared: a page that is not true must not pass for one that is. */
import { Matcher, Mismatch, shownValue } from './pattern.js';

const known = { JOB: '0198' };

describe('text', () => {
  test.each([
    ['whole', 'whole'],
    ['a (b) …', 'a (b) and\nmore'],
    ['/v1/jobs/$JOB', '/v1/jobs/0198'],
    ['"$JOB.$JOB"', '"0198.0198"'],
  ])('%j is shown of %j', (shown, actual) => {
    expect(() => new Matcher(known).text(shown, actual, 'it')).not.toThrow();
  });

  test.each([
    ['whole', 'whole and more'],
    ['a.c', 'abc'],
    ['/v1/jobs/$JOB', '/v1/jobs/0199'],
    ['$NEW and $NEW', 'one and another'],
    ['at …Z', 'at +01:00'],
  ])('%j is not shown of %j', (shown, actual) => {
    expect(() => new Matcher(known).text(shown, actual, 'it')).toThrow(Mismatch);
  });

  test('brings values for later', () => {
    const matcher = new Matcher(known);
    matcher.text('Location: /v1/jobs/$NEXT', 'Location: /v1/jobs/0200', 'it');

    expect(matcher.variables).toEqual({ JOB: '0198', NEXT: '0200' });
    expect(() => matcher.text('$NEXT', '0201', 'it')).toThrow('it: "0200" is shown, "0201" it is');
  });
});

describe('JSON', () => {
  test.each([
    ['{"a": 1, "b": [null, true]}', { b: [null, true], a: 1 }],
    ['{"a": 1, …}', { a: 1, b: 2 }],
    ['{…}', {}],
    ['{"a": …, "b": "…"}', { a: { c: [] }, b: '' }],
    ['[1, …]', [1, 2, 3]],
    ['[…]', []],
    ['{"a": […], "b": {"c": "… and …", …}}', { a: [1], b: { c: 'this and that', d: 0 } }],
    ['"$JOB"', '0198'],
    ['{"a": …}', { a: null }],
  ])('%s is shown of %j', (shown, actual) => {
    expect(() => new Matcher(known).json(shown, actual, 'it')).not.toThrow();
  });

  test.each([
    ['{"a": 1}', { a: 1, b: 2 }, 'it: b is not shown'],
    ['{"a": 1, …}', { b: 2 }, 'it: there is no a'],
    ['{"a": …}', {}, 'it: there is no a'],
    ['{"a": {"b": 1, …}}', { a: { b: 2 } }, 'it/a/b: "1" is shown, 2 it is'],
    ['{"a": "…"}', { a: 1 }, 'it/a: '],
    ['{"a": null}', { a: undefined }, 'it/a: '],
    ['[1]', [1, 2], 'it: 1 elements are shown'],
    ['[1, 2, …]', [1], 'it: 2 elements are shown'],
    ['{…}', [], 'it: '],
    ['["$JOB"]', ['0199'], 'it/0: "0198" is shown'],
  ])('%s is not shown of %j', (shown, actual, complaint) => {
    expect(() => new Matcher(known).json(shown, actual, 'it')).toThrow(complaint);
  });

  test('is complained about where it is none', () => {
    expect(() => new Matcher(known).json('{"a": 1,}', { a: 1 }, 'it')).toThrow('This is shown as JSON and is none');
  });

  test('gives what it shows without what it leaves out', () => {
    expect(shownValue('{"a": "…", "b": …, "c": [{"d": 1, …}], …}')).toEqual({ a: '…', c: [{ d: 1 }] });
  });
});

describe('events', () => {
  const stream = [
    'retry: 1000',
    'id: 1\nevent: job.queued\ndata: {"id":"0198","status":"queued"}',
    ':',
    'id: 2\nevent: job.running\ndata: {"id":"0198","status":"running"}',
    'id: 3\nevent: job.completed\ndata: {"id":"0198","status":"completed"}',
    '',
  ].join('\n\n');
  const queued = 'id: 1\nevent: job.queued\ndata: {"id": "$JOB", …}';
  const completed = 'id: $LAST\nevent: job.completed\ndata: {…}';

  test.each([
    { about: 'all', shown: ['retry: 1000', queued, 'id: 2\nevent: job.running\ndata: {…}', completed] },
    { about: 'the beginning', shown: ['retry: 1000', queued, '…'] },
    { about: 'the end', shown: ['…', completed] },
    { about: 'some', shown: ['…', queued, '…', completed, '…'] },
  ])('are shown: $about', ({ shown }) => {
    expect(() => new Matcher(known).events(shown.join('\n\n'), stream, 'it')).not.toThrow();
  });

  test.each([
    { about: 'one is left out', shown: ['retry: 1000', queued, completed] },
    { about: 'the last one is left out', shown: ['…', queued] },
    { about: 'they come in another order', shown: ['…', completed, '…', queued, '…'] },
    { about: 'a field is left out', shown: ['…', 'event: job.completed\ndata: {…}'] },
    { about: 'the data is another', shown: ['…', 'id: 3\nevent: job.completed\ndata: {"status": "failed", …}'] },
    { about: 'there is one more', shown: ['…', completed, 'id: 4\nevent: job.deleted\ndata: {}'] },
  ])('are not shown when $about', ({ shown }) => {
    expect(() => new Matcher(known).events(shown.join('\n\n'), stream, 'it')).toThrow(Mismatch);
  });

  test('bring values for later, of the choice that matches', () => {
    const matcher = new Matcher(known);
    matcher.events(['…', 'id: $ANY\nevent: $TYPE\ndata: {"status": "completed", …}'].join('\n\n'), stream, 'it');
    expect(matcher.variables).toMatchObject({ ANY: '3', TYPE: 'job.completed' });
  });
});
