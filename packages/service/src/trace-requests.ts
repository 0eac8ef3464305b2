import { AsyncLocalStorage } from "node:async_hooks";
import { type Span, failSpan, inSpan, setAttributes, startSpan, tracer, validTraceparent } from "@opsdesk/telemetry";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { App } from "./http.ts";

/** What a caller sent, where no SDK runs to keep it: it goes on to the events that the request makes. */
const requested = new AsyncLocalStorage<string>();
const spans = new WeakMap<FastifyRequest, Span>();

/** One span a request, as the parent of all that it does. Probes and documents (`hide`) have none. */
export function traceRequests(app: App): void {
  app.addHook("onRequest", (request, reply, done) => {
    const traceparent = validTraceparent(request.headers["traceparent"]);
    const from = tracer();
    if (from === undefined) return traceparent === undefined ? done() : requested.run(traceparent, done);
    if (request.routeOptions.schema?.hide === true) return done();
    const route = request.routeOptions.url;
    const span = startSpan(from, {
      name: route === undefined ? request.method : `${request.method} ${route}`,
      kind: "SERVER",
      parent: traceparent,
      attributes: {
        "http.request.method": request.method,
        "url.path": route ?? "",
        "url.scheme": request.protocol,
        ...addressOf(request),
        ...(route === undefined ? {} : { "http.route": route }),
      },
    });
    spans.set(request, span);
    // A live stream's answer ends long after its handler, and one that is broken off has no `onResponse`.
    reply.raw.once("close", () => end(span, reply));
    inSpan(span, done);
  });
  // Reading a body goes on from the socket, which knows nothing of the request's span.
  app.addHook("preValidation", (request, _reply, done) => {
    const span = spans.get(request);
    const traceparent = span === undefined ? validTraceparent(request.headers["traceparent"]) : undefined;
    if (span !== undefined) inSpan(span, done);
    else if (traceparent !== undefined) requested.run(traceparent, done);
    else done();
  });
}

function addressOf({ hostname, port }: FastifyRequest): { "server.address": string; "server.port"?: number } {
  return { "server.address": hostname, ...(port === null ? {} : { "server.port": port }) };
}

function end(span: Span, reply: FastifyReply): void {
  const { statusCode } = reply;
  setAttributes(span, { "http.response.status_code": statusCode });
  if (statusCode >= 500) failSpan(span, String(statusCode));
  span.end();
}

/** An input with the request's `traceparent`, unless it has one of its own. */
export function asRequested<Input extends { readonly traceparent?: string }>(input: Input): Input {
  const traceparent = requested.getStore();
  return traceparent === undefined ? input : { traceparent, ...input };
}
