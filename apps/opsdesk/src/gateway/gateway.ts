import proxy from "@fastify/http-proxy";
import Fastify, { type FastifyReply } from "fastify";
import { ownerOf } from "./owners.ts";

export interface Gateway {
  readonly url: string;
  stop(): Promise<void>;
}

const ASK_MS_MAX = 5_000;

/**
 * One address for services that run apart: hands each request on to the service that owns its path, unchanged, and
 * answers `/livez`, `/readyz` and `/idlez` for all of them together. It knows no secrets and checks no keys.
 */
export async function startGateway(options: {
  readonly host: string;
  readonly port: number;
  /** Service name to base address. */
  readonly services: ReadonlyMap<string, string>;
}): Promise<Gateway> {
  const app = Fastify({
    logger: false,
    bodyLimit: 32 * 1024 * 1024,
    // The owner is put before the path, where its proxy is; what nobody owns stays what it is, and is not found.
    rewriteUrl: ({ url = "/" }) => {
      const service = ownerOf(url);
      if (service !== undefined && options.services.has(service)) return `/to/${service}${url}`;
      return url.startsWith("/to/") ? "/" : url;
    },
  });
  for (const [service, upstream] of options.services)
    await app.register(proxy, {
      upstream,
      prefix: `/to/${service}`,
      rewritePrefix: "",
      http: { requestOptions: { timeout: 60_000 } },
    });
  for (const path of ["/readyz", "/idlez"])
    app.get(path, async (_request, reply) => {
      const states = await Promise.all(
        [...options.services].map(async ([service, base]) => [service, await isWell(`${base}${path}`)] as const),
      );
      const not = states.flatMap(([service, well]) => (well ? [] : [service]));
      return reply.status(not.length === 0 ? 200 : 503).send({ [path.slice(1, -1)]: not.length === 0, not });
    });
  app.get("/livez", () => ({ live: true }));
  app.setNotFoundHandler((_request, reply) => noOwner(reply));

  const url = await app.listen({ host: options.host, port: options.port });
  return { url, stop: () => app.close() };
}

const isWell = (url: string): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(ASK_MS_MAX) }).then(
    (response) => response.ok,
    () => false,
  );

const noOwner = (reply: FastifyReply): FastifyReply =>
  reply.status(404).type("application/problem+json").send({
    type: "about:blank",
    title: "Not Found",
    status: 404,
    code: "route_not_found",
    detail: "No service owns this path.",
  });
