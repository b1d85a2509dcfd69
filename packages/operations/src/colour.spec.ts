import sharp from 'sharp';
import { Colour, colourNames } from './colour.js';

const written = ['#1af', '#1af8', '#102030', '#10203040', '#ABCDEF'];

test.each([...colourNames, ...written])('%s passes, and sharp accepts it', (colour) => {
  expect(Colour.safeParse(colour).success).toBe(true);
  expect(() => sharp({ create: { width: 1, height: 1, channels: 4, background: colour } })).not.toThrow();
});

test('may be given by its channels, opaque unless said otherwise', () => {
  expect(Colour.parse({ r: 1, g: 2, b: 3 })).toEqual({ r: 1, g: 2, b: 3, alpha: 1 });
  expect(Colour.parse({ r: 1, g: 2, b: 3, alpha: 0.5 })).toEqual({ r: 1, g: 2, b: 3, alpha: 0.5 });
});

test.each([
  '',
  '#',
  '#12',
  '#12345',
  '#gggggg',
  'Red',
  'rgb(1,2,3)',
  'hsl(0 0% 0%)',
  'none',
  null,
  7,
  {},
  { r: 1, g: 2 },
  { r: -1, g: 0, b: 0 },
])('refuses %j', (value) => {
  expect(Colour.safeParse(value).success).toBe(false);
});
