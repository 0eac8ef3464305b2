/** Which service answers a path, by its first two parts. Everything else about a path is its service's own business. */
const OWNERS: Readonly<Record<string, readonly string[]>> = {
  ingest: ["/v1/businesses", "/v1/enquiries", "/v1/inbound-email", "/v1/tickets", "/v1/desk", "/v1/examples"],
  retrieval: ["/v1/knowledge"],
  "safety-gate": ["/v1/auto-send"],
  webhook: ["/v1/webhooks", "/v1/decisions"],
  evaluation: ["/v1/evaluation"],
  console: ["/v1/stories", "/v1/reviews", "/v1/events"],
};

const byPrefix = new Map(
  Object.entries(OWNERS).flatMap(([service, prefixes]) => prefixes.map((prefix) => [prefix, service] as const)),
);

/** The service that owns a path, or undefined where none does. `/ops/<service>/…` belongs to the service it names. */
export function ownerOf(path: string): string | undefined {
  const [, first = "", second = ""] = path.split(/[/?#]/);
  if (first === "ops") return second === "" ? undefined : second;
  return byPrefix.get(`/${first}/${second}`);
}
