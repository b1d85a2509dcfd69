import { z } from 'zod';
import { isAllowance } from './address-policy.js';

/** The environment variable of whoever asks other servers by URLs that clients have chosen. */
export const outboundSettings = {
  OUTBOUND_ALLOW: z.array(z.string().refine(isAllowance)).default([]).meta({
    description:
      'Hosts that may be asked, for sources and by webhooks, although their addresses are not public; a name stands for whatever it resolves to',
    form: 'a list, parted by commas, where each is an address, a CIDR (`10.1.0.0/16`) or the name of a host',
  }),
};
