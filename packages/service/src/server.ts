import { randomUUID } from "node:crypto";
import swagger from "@fastify/swagger";
import { type TypeBoxTypeProvider, TypeBoxValidatorCompiler } from "@fastify/type-provider-typebox";
import { BugError, RejectedError } from "@opsdesk/errors";
import { sha256Hex } from "@opsdesk/identity";
import Fastify, { type FastifyBaseLogger, type FastifyReply, type FastifyRequest, LogController } from "fastify";
import type { KeyDirectory, KeyHolder, Parts } from "./definition.ts";
import type { App } from "./http.ts";
import { traceRequests } from "./trace-requests.ts";
import { problemOf } from "./problem.ts";

export interface ServerOptions {
  readonly log: FastifyBaseLogger;
  readonly version: string;
}

/** One HTTP listener for one service or for several; each adds its routes with its own keys. */
export async function createServer(options: ServerOptions): Promise<App> {
  const app: App = Fastify({
    loggerInstance: options.log,
    bodyLimit: 2 * 1024 * 1024,
    requestIdHeader: false,
    genReqId: () => randomUUID(),
    logController: new LogController({ disableRequestLogging: true }),
    // What the router itself refuses (an address that is no URL, a part that is too long) never reaches the error handler.
    frameworkErrors: (error, _request, reply) => {
      const problem = problemOf(error);
      // Its type knows no route yet, and so no answer.
      (reply as unknown as FastifyReply).status(problem.status).type("application/problem+json").send(problem);
    },
    // An unknown body property is an error, not something to drop in silence.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "OpsDesk", version: options.version },
      components: { securitySchemes: { apiKey: { type: "http", scheme: "bearer" } } },
      security: [{ apiKey: [] }],
    },
  });
  app.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error);
    if (problem.status >= 500) request.log.error({ err: error, code: problem.code }, "request failed");
    if (problem.status === 503) void reply.header("retry-after", "1");
    return reply.status(problem.status).type("application/problem+json").send(problem);
  });
  app.setNotFoundHandler((_request, reply) =>
    reply
      .status(404)
      .type("application/problem+json")
      .send(
        problemOf(
          new RejectedError("route_not_found", "no such route", {
            publicMessage: "There is no such path; see /openapi.json.",
          }),
        ),
      ),
  );
  traceRequests(app);
  app.decorateRequest("holder");
  // No name of anything holds a NUL, which Postgres does not take in a text.
  app.addHook("preHandler", async (request) => {
    if (
      [request.params, request.query].some((given) =>
        Object.values(given ?? {}).some((value) => String(value).includes("\0")),
      )
    )
      throw new RejectedError("request_invalid", "a NUL in the address", { publicMessage: "The address holds a NUL." });
  });
  app.get("/openapi.json", { config: { scope: "public" }, schema: { hide: true } }, () => app.swagger());
  return app;
}

/** Adds one service's routes, behind its own check of API keys. */
export async function mount(app: App, name: string, parts: Parts): Promise<void> {
  const { routes } = parts;
  if (routes === undefined) return;
  const keys = parts.keys === undefined ? undefined : remembered(parts.keys);
  await app.register(async (scope) => {
    scope.addHook("onRoute", (route) => {
      if (route.config?.scope === undefined)
        throw new BugError(
          "route_without_scope",
          `${name}: ${[route.method].flat().join(", ")} ${route.url} declares no scope`,
        );
    });
    scope.addHook("onRequest", async (request) => {
      const needed = request.routeOptions.config.scope;
      if (needed !== "public") request.holder = await holderOf(request, keys, needed);
    });
    routes(scope);
  });
}

const REMEMBER_MS = 5_000;
const REMEMBER_MAX = 1_000;

/** A known key is looked up once in five seconds, not once a request; that is also how long a revoked one still works. */
function remembered(keys: KeyDirectory): KeyDirectory {
  const known = new Map<string, { until: number; holder: KeyHolder }>();
  return {
    async find(sha256) {
      const hit = known.get(sha256);
      if (hit !== undefined && hit.until > performance.now()) return hit.holder;
      const holder = await keys.find(sha256);
      if (known.size >= REMEMBER_MAX) known.clear();
      if (holder === undefined) known.delete(sha256);
      else known.set(sha256, { until: performance.now() + REMEMBER_MS, holder });
      return holder;
    },
  };
}

async function holderOf(
  request: FastifyRequest,
  keys: KeyDirectory | undefined,
  scope: string | undefined,
): Promise<KeyHolder> {
  const key = /^Bearer (odk_[A-Za-z0-9_-]{20,200})$/.exec(request.headers.authorization ?? "")?.[1];
  const holder = key === undefined ? undefined : await keys?.find(sha256Hex(key));
  if (holder === undefined)
    throw new RejectedError("unauthenticated", "no known key", {
      publicMessage: "Send a valid API key: `Authorization: Bearer odk_…`.",
    });
  if (scope === undefined || !(holder.scopes.includes(scope) || holder.scopes.includes("*")))
    throw new RejectedError("forbidden", `key ${holder.keyId} lacks ${scope ?? "a scope"}`, {
      publicMessage: `This key lacks the scope ${scope ?? ""}.`,
    });
  return holder;
}
