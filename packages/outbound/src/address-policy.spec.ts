import { z } from 'zod';
import { AddressPolicy } from './address-policy.js';
import { outboundSettings } from './settings.js';

test.each([
  '1.1.1.1',
  '8.8.8.8',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '192.167.255.255',
  '192.169.0.0',
  '198.17.255.255',
  '198.20.0.0',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2a00:1450:4001:80b::200e',
  '2003::1',
])('%s is public', (address) => {
  expect(new AddressPolicy([]).permits(address, 'host')).toBe(true);
});

describe('what an operator allows', () => {
  const policy = new AddressPolicy(['10.1.0.0/16', 'fd00:1::/32', '192.168.7.7', 'Minio.Internal']);

  test.each(['10.1.0.0', '10.1.255.255', '::ffff:10.1.2.3', 'fd00:1::5', '192.168.7.7'])('includes %s', (address) => {
    expect(policy.permits(address, 'host')).toBe(true);
  });

  test.each(['10.0.255.255', '10.2.0.0', '::ffff:10.2.0.0', 'fd00:2::5', '192.168.7.8'])('leaves out %s', (address) => {
    expect(policy.permits(address, 'host')).toBe(false);
  });

  test('includes any address of a host that it names, and of no other', () => {
    expect(policy.permits('127.0.0.1', 'minio.internal')).toBe(true);
    expect(policy.permits('127.0.0.1', 'other.minio.internal')).toBe(false);
  });
});

describe('OUTBOUND_ALLOW', () => {
  const settings = z.object(outboundSettings);

  test('is empty by default', () => {
    expect(settings.parse({})).toEqual({ OUTBOUND_ALLOW: [] });
  });

  test.each(['10.1.0.0/16', 'fd00::/8', '192.168.0.1', '::1', 'minio', 'minio.storage.svc', 'a-b.example', '3com.example'])(
    'takes %s',
    (entry) => expect(settings.safeParse({ OUTBOUND_ALLOW: [entry] }).success).toBe(true),
  );

  test.each([
    '10/8',
    '10',
    '010.0.0.1',
    '0x7f.1',
    '127.1',
    '10.0.0.0/33',
    'fd00::/129',
    '[::1]',
    'http://minio',
    'minio:9000',
    'minio/images',
    '*.example.com',
    'user@minio',
    '',
  ])('refuses %j', (entry) => {
    expect(settings.safeParse({ OUTBOUND_ALLOW: [entry] }).success).toBe(false);
  });
});
