import { z } from 'zod';

const userinfo = /^https?:\/\/[^/?#]*@/;

/** A URL that the service is to ask. What is allowed beyond its form, those know who ask it. */
export function httpUrl(maxLength: number) {
  return z
    .url({
      protocol: /^https?$/,
      normalize: true,
      // What is missing, or no text at all, has its own message.
      error: ({ input }) => (typeof input === 'string' ? 'must be an absolute URL with http or https' : undefined),
    })
    .max(maxLength)
    .refine((url) => !userinfo.test(url), 'must not have a user name or password');
}
