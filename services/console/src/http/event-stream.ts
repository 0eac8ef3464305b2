import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { Read } from "@opsdesk/database";
import { RejectedError, TransientError } from "@opsdesk/errors";
import type { App } from "@opsdesk/service";
import Type from "typebox";
import type { ConsoleErrorCode } from "../errors.ts";
import { type KeptRow, headPositions, pageOfEvents } from "../store/read-events.ts";
import type { ProjectionWatch } from "./projection-watch.ts";
import { Position, Shadow, TypeList, typesOf } from "./schemas.ts";
import { tenantOf } from "./tenant.ts";

const PAGE = 100;
const HEARTBEAT_MS = 15_000;
/** A reader that takes nothing for this long is let go: it resumes where it stopped. */
const STALLED_MS = 30_000;

const Query = Type.Object({ type: TypeList, after: Type.Optional(Position), shadow: Shadow });

export interface Streaming {
  readonly read: Read;
  readonly watch: ProjectionWatch;
  readonly streamsMax: number;
  /** Aborts when the service stops. */
  readonly stopping: AbortSignal;
}

/**
 * Events as they are projected, as server-sent events whose id is the position. A reader pulls a page at a time and
 * the next page waits until it has been taken, so that a slow one costs a page of memory and nothing else.
 */
export function eventStreamRoute(app: App, { read, watch, streamsMax, stopping }: Streaming): void {
  let open = 0;
  app.get(
    "/v1/events/stream",
    {
      config: { scope: "events:read" },
      schema: {
        summary: "Events as they happen (server-sent events); resumes behind Last-Event-ID",
        querystring: Query,
        produces: ["text/event-stream"],
      },
    },
    async (request, reply) => {
      const tenant = tenantOf(request.holder, request.query);
      const resume = request.headers["last-event-id"] ?? request.query.after;
      if (resume !== undefined && (typeof resume !== "string" || !/^[0-9]{1,15}$/.test(resume)))
        throw new RejectedError<ConsoleErrorCode>("request_invalid", "Last-Event-ID is not a position", {
          publicMessage: "Last-Event-ID must be the id of an event of this stream.",
        });
      if (open >= streamsMax || stopping.aborted)
        throw new TransientError<ConsoleErrorCode>("stream_refused", "no further stream can be served", {
          publicMessage: "Too many live streams, or the service is stopping: try again.",
        });
      const from = resume === undefined ? ((await headPositions(read, [tenant])).get(tenant) ?? 0) : Number(resume);
      open += 1;
      reply.hijack();
      const gone = new AbortController();
      reply.raw.once("close", () => gone.abort());
      try {
        await stream(reply.raw, {
          read,
          watch,
          tenant,
          types: typesOf(request.query.type),
          from,
          signal: AbortSignal.any([gone.signal, stopping]),
        });
      } catch (error) {
        // The response has begun: its end is all that the reader can be told, and it resumes by itself.
        request.log.warn({ err: error }, "a live stream ended early");
      } finally {
        open -= 1;
        reply.raw.end();
      }
    },
  );
}

interface Stream {
  readonly read: Read;
  readonly watch: ProjectionWatch;
  readonly tenant: string;
  readonly types: readonly string[] | undefined;
  readonly from: number;
  readonly signal: AbortSignal;
}

async function stream(response: ServerResponse, { from, read, signal, tenant, types, watch }: Stream): Promise<void> {
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
  });
  await take(response, "retry: 1000\n\n", signal);
  let cursor = from;
  let head = cursor;
  while (!signal.aborted) {
    const page = await pageOfEvents(read, tenant, { ticket: undefined, types, after: cursor, limit: PAGE });
    for (const row of page) if (!(await take(response, frameOf(row), signal))) return;
    // What lies between the last match and the head was looked at and is of other types.
    cursor = page.length === PAGE ? (page.at(-1)?.position ?? cursor) : Math.max(head, page.at(-1)?.position ?? cursor);
    if (page.length === PAGE) continue;
    const moved = await watch.moved(tenant, cursor, AbortSignal.any([signal, AbortSignal.timeout(HEARTBEAT_MS)]));
    head = moved ?? cursor;
    if (moved === undefined && !signal.aborted && !(await take(response, `: still here\nid: ${cursor}\n\n`, signal)))
      return;
  }
}

/** The type is repeated so that a browser can listen for one. A body is one line of JSON. */
const frameOf = ({ body, position }: KeptRow): string =>
  `id: ${position}\nevent: ${(JSON.parse(body) as { type: string }).type}\ndata: ${body}\n\n`;

/** Writes, and waits until a full buffer has been taken. Answers false when nobody reads any more. */
async function take(response: ServerResponse, text: string, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted || response.destroyed) return false;
  if (response.write(text)) return true;
  try {
    await once(response, "drain", { signal: AbortSignal.any([signal, AbortSignal.timeout(STALLED_MS)]) });
    return true;
  } catch {
    response.destroy();
    return false;
  }
}
