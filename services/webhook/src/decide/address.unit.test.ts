import { parseAddress, parseConnected } from "../clients/parse-address.ts";
import { mayConnect, mayRegister, publicAddress } from "./address.ts";

const verdict = (text: string) => publicAddress(parseAddress(text) ?? []).allowed;

describe("publicAddress", () => {
  it.each([
    "8.8.8.8",
    "93.184.216.34",
    "1.1.1.1",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.255.255",
    "172.32.0.1",
    "2606:4700::1111",
    "2a00:1450:4001:800::200e",
    "2001:4860:4860::8888",
  ])("lets %s through", (text) => {
    expect(verdict(text)).toBe(true);
  });

  it.each([
    ["0.0.0.0"],
    ["10.1.2.3"],
    ["100.64.0.1"],
    ["100.127.255.255"],
    ["127.0.0.1"],
    ["127.255.255.254"],
    ["169.254.169.254"],
    ["172.16.0.1"],
    ["172.31.255.255"],
    ["192.0.0.192"],
    ["192.0.2.1"],
    ["192.88.99.1"],
    ["192.168.1.1"],
    ["198.18.0.1"],
    ["198.19.255.255"],
    ["198.51.100.1"],
    ["203.0.113.1"],
    ["224.0.0.1"],
    ["239.255.255.255"],
    ["240.0.0.1"],
    ["255.255.255.255"],
    ["::"],
    ["::1"],
    ["::7f00:1"],
    ["::ffff:8.8.8.8"],
    ["::ffff:127.0.0.1"],
    ["64:ff9b::7f00:1"],
    ["64:ff9b:1::1"],
    ["100::1"],
    ["2001::1"],
    ["2001:20::1"],
    ["2001:db8::1"],
    ["2002:7f00:1::1"],
    ["3fff::1"],
    ["fc00::1"],
    ["fd00:ec2::254"],
    ["fe80::1"],
    ["fec0::1"],
    ["ff02::1"],
    ["5f00::1"],
    ["4000::1"],
  ])("refuses %s", (text) => {
    expect(verdict(text)).toBe(false);
  });

  it("refuses what is no address at all", () => {
    expect(publicAddress([]).allowed).toBe(false);
    expect(publicAddress([8, 8, 8]).allowed).toBe(false);
  });

  it("judges the IPv4 address behind a socket that writes it as a mapped one", () => {
    expect(publicAddress(parseConnected("::ffff:8.8.8.8") ?? []).allowed).toBe(true);
    expect(publicAddress(parseConnected("::ffff:10.0.0.1") ?? []).allowed).toBe(false);
  });
});

describe("mayRegister", () => {
  const may = (url: string, ...allowed: string[]) => mayRegister(url, new Set(allowed), parseAddress);

  it("takes https with a public name or address", () => {
    for (const url of ["https://crm.example.com/hook", "https://crm.example.com:8443/hook?x=1", "https://8.8.8.8/"])
      expect(may(url)).toEqual({ allowed: true });
  });

  it.each([
    "http://crm.example.com/",
    "ftp://crm.example.com/",
    "javascript:alert(1)",
    "not a url",
    "https://user:pw@crm.example.com/",
    "https://crm.example.com/#x",
    "https://localhost/",
    "https://db/",
    "https://api.svc.internal/",
    "https://printer.local/",
    "https://0x7f000001/",
    "https://127.1/",
    "https://[fe80::1]/",
  ])("refuses %s", (url) => {
    expect(may(url).allowed).toBe(false);
  });

  it("takes exactly the host and port that an operator allowed, over http too", () => {
    expect(may("http://127.0.0.1:4110/x", "127.0.0.1:4110")).toEqual({ allowed: true });
    expect(may("http://127.0.0.1:4111/x", "127.0.0.1:4110").allowed).toBe(false);
    expect(may("http://127.0.0.2:4110/x", "127.0.0.1:4110").allowed).toBe(false);
    expect(mayConnect([127, 0, 0, 1], { host: "evil.example", port: 4110 }, new Set(["127.0.0.1:4110"])).allowed).toBe(
      false,
    );
  });
});
