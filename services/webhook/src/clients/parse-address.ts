import ipaddr from "ipaddr.js";

const bare = (host: string): string =>
  (host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host).split("%")[0] ?? "";

/** The bytes of an IP literal in any spelling that a URL or a resolver gives; undefined for a name. */
export function parseAddress(host: string): readonly number[] | undefined {
  const text = bare(host);
  return ipaddr.isValid(text) ? ipaddr.parse(text).toByteArray() : undefined;
}

/** As above, for the far end of a socket: a dual-stack socket writes the IPv4 address that it is connected to as a mapped one. */
export function parseConnected(address: string): readonly number[] | undefined {
  const text = bare(address);
  return ipaddr.isValid(text) ? ipaddr.process(text).toByteArray() : undefined;
}
