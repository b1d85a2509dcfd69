/** Which addresses may be connected to: those that everybody can reach, and those that an operator allows besides. */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = readonly [Address, number];

/** The only part of IPv6 from which public addresses are given out. */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');
/** The fifth and sixth group of an ISATAP address (RFC 5214), whose last two are an IPv4 address. */
const isatap = { fifth: [0x0000, 0x0200], sixth: 0x5efe };

export class AddressPolicy {
  readonly #hosts: ReadonlySet<string>;
  readonly #ranges: readonly Range[];

  /** Of entries that are {@link isAllowance}. */
  constructor(allow: readonly string[]) {
    this.#ranges = allow.map(rangeOf).filter((range) => range !== undefined);
    this.#hosts = new Set(allow.filter((entry) => !rangeOf(entry)).map((entry) => entry.toLowerCase()));
  }

  /** `address`: of the host that a URL names as `host`, in lower case. */
  permits(address: string, host: string): boolean {
    if (!ipaddr.isValid(address)) return false;
    return isPublic(ipaddr.parse(address)) || this.#hosts.has(host) || this.#allows(ipaddr.process(address));
  }

  #allows(address: Address): boolean {
    return this.#ranges.some((range) => range[0].kind() === address.kind() && address.match(range as [Address, number]));
  }
}

/** Whether it is an address, a range in CIDR notation or the name of a host, and nothing that only looks like one. */
export function isAllowance(entry: string): boolean {
  return rangeOf(entry) !== undefined || isHostName(entry);
}

function rangeOf(entry: string): Range | undefined {
  // The library also reads addresses of fewer parts: 10/8 would be 0.0.0.10/8.
  if (!isIP(entry.replace(/\/\d+$/, ''))) return undefined;
  if (ipaddr.isValidCIDR(entry)) return ipaddr.parseCIDR(entry);
  if (!ipaddr.isValid(entry)) return undefined;
  const address = ipaddr.process(entry);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

function isHostName(entry: string): boolean {
  if (!/^[\w-]+(\.[\w-]+)*$/.test(entry)) return false;
  // What a URL takes for an address in another spelling comes out as another text.
  return URL.canParse(`http://${entry}`) && new URL(`http://${entry}`).hostname === entry.toLowerCase() && !isIP(entry);
}

function isPublic(address: Address): boolean {
  if (address.range() !== 'unicast') return false;
  if (address instanceof ipaddr.IPv4) return true;
  const { parts } = address;
  return address.match(globalUnicast) && !(parts[5] === isatap.sixth && isatap.fifth.includes(parts[4] ?? -1));
}
