/** An address as bytes: four or sixteen. Text is parsed outside, by a library that knows every spelling of one. */
export type AddressBytes = readonly number[];

export interface Place {
  readonly host: string;
  readonly port: number;
}

export type AddressVerdict = { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

const ALLOWED: AddressVerdict = { allowed: true };
const refused = (reason: string): AddressVerdict => ({ allowed: false, reason });

type Range = readonly [prefix: AddressBytes, bits: number, reason: string];

/** IANA's special-purpose registry for IPv4, and multicast and what is reserved above it. */
const V4: readonly Range[] = [
  [[0], 8, "this network"],
  [[10], 8, "private"],
  [[100, 64], 10, "carrier-grade NAT"],
  [[127], 8, "loopback"],
  [[169, 254], 16, "link-local, cloud metadata"],
  [[172, 16], 12, "private"],
  [[192, 0, 0], 24, "protocol assignments"],
  [[192, 0, 2], 24, "documentation"],
  [[192, 31, 196], 24, "AS112"],
  [[192, 52, 193], 24, "AMT"],
  [[192, 88, 99], 24, "6to4 relay"],
  [[192, 168], 16, "private"],
  [[192, 175, 48], 24, "AS112"],
  [[198, 18], 15, "benchmarking"],
  [[198, 51, 100], 24, "documentation"],
  [[203, 0, 113], 24, "documentation"],
  [[224], 4, "multicast"],
  [[240], 4, "reserved, broadcast"],
];

/** Within 2000::/3; everything else in IPv6 is refused (loopback, v4-mapped, NAT64, unique-local, link-local, multicast). */
const V6: readonly Range[] = [
  [[0x20, 0x01, 0x00], 23, "protocol assignments, Teredo, ORCHID"],
  [[0x20, 0x01, 0x0d, 0xb8], 32, "documentation"],
  [[0x20, 0x02], 16, "6to4"],
  [[0x26, 0x20, 0x00, 0x4f, 0x80, 0x00], 48, "AS112"],
  [[0x3f, 0xff, 0x00], 20, "documentation"],
];
const GLOBAL_V6: Range = [[0x20], 3, "global unicast"];

function within(address: AddressBytes, [prefix, bits]: Range): boolean {
  for (let bit = 0; bit < bits; bit += 8) {
    const mask = bits - bit >= 8 ? 0xff : (0xff << (8 - (bits - bit))) & 0xff;
    const index = bit / 8;
    if (((address[index] ?? 0) & mask) !== ((prefix[index] ?? 0) & mask)) return false;
  }
  return true;
}

/** Whether an address belongs to the public internet. An address that is in no list is refused, not let through. */
export function publicAddress(address: AddressBytes): AddressVerdict {
  if (address.length !== 4 && address.length !== 16) return refused("not an address");
  if (address.length === 16 && !within(address, GLOBAL_V6)) return refused("not global unicast");
  const range = (address.length === 4 ? V4 : V6).find((one) => within(address, one));
  return range === undefined ? ALLOWED : refused(range[2]);
}

/** `host:port` or `[v6]:port`, exactly as an operator allowed it. */
const placeKey = ({ host, port }: Place): string => `${host.toLowerCase()}:${String(port)}`;

/** Whether a connection may go to `address`, which `place.host` is or was resolved to. */
export function mayConnect(address: AddressBytes, place: Place, allowed: ReadonlySet<string>): AddressVerdict {
  return allowed.has(placeKey(place)) ? ALLOWED : publicAddress(address);
}

/** Whether an endpoint may have this URL. Names are judged again at each connection, by what they resolve to. */
export function mayRegister(
  url: string,
  allowed: ReadonlySet<string>,
  literal: (host: string) => AddressBytes | undefined,
): AddressVerdict {
  if (!URL.canParse(url)) return refused("not a URL");
  const parsed = new URL(url);
  if (parsed.protocol !== "https:" && parsed.protocol !== "http:") return refused("only https is called");
  if (parsed.username !== "" || parsed.password !== "")
    return refused("a URL with a user or password would be kept in clear");
  if (parsed.hash !== "") return refused("a fragment is never sent");
  const place = placeOf(parsed);
  if (allowed.has(placeKey(place))) return ALLOWED;
  if (parsed.protocol === "http:")
    return refused("only https is called, except for addresses in WEBHOOK_ALLOW_ADDRESSES");
  const address = literal(place.host);
  if (address !== undefined) return publicAddress(address);
  return /(^|\.)(localhost|local|internal|lan|home\.arpa)\.?$/i.test(place.host) || !place.host.includes(".")
    ? refused("a name of a private network")
    : ALLOWED;
}

/** Host and port that a URL leads to; IPv6 in brackets. */
const placeOf = (url: URL): Place => ({
  host: url.hostname,
  port: url.port === "" ? (url.protocol === "http:" ? 80 : 443) : Number(url.port),
});
