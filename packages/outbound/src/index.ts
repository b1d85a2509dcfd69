/** Requests to servers that strangers have named, without reaching what only this network can reach. */
export { ForbiddenAddressError } from './forbidden-address-error.js';
export { isTimeout, Outbound, type Lookup, type OutboundOptions, type OutboundRequest } from './outbound.js';
export { outboundSettings } from './settings.js';
