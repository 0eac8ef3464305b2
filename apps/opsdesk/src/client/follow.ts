import { setTimeout as sleep } from "node:timers/promises";
import { TransientError } from "@opsdesk/errors";
import { EventSourceParserStream } from "eventsource-parser/stream";
import { type Client, pathTo } from "./client.ts";

export interface Followed {
  /** The event's place in the desk's stream; `after` resumes behind it. */
  readonly position: string;
  readonly event: {
    readonly type: string;
    readonly time: string;
    readonly id: string;
    readonly source: string;
    readonly subject?: string;
    readonly data: unknown;
  };
}

export interface FollowOptions {
  /** Event types, separated by commas; absent: all. */
  readonly types: string | undefined;
  readonly after: string | undefined;
  readonly signal: AbortSignal;
  /** Called when the stream has ended and is opened again. */
  readonly onResume: (why: string) => void;
}

const RESUME_MS = 1_000;

/** Events as they happen, until `signal` aborts. A stream that breaks is resumed where it stopped, so nothing is missed. */
export async function* follow(
  desk: Client,
  { after, onResume, signal, types }: FollowOptions,
): AsyncGenerator<Followed> {
  let position = after;
  let opened = false;
  while (!signal.aborted) {
    try {
      const response = await desk.open(pathTo(["v1", "events", "stream"], { type: types, after }), signal, {
        accept: "text/event-stream",
        ...(position === undefined ? {} : { "last-event-id": position }),
      });
      opened = true;
      if (response.body === null) return;
      for await (const { data, id } of response.body
        .pipeThrough(new TextDecoderStream())
        .pipeThrough(new EventSourceParserStream())) {
        position = id ?? position;
        // The stream's own contract: each message is one event's JSON.
        yield { position: position ?? "", event: JSON.parse(data) as Followed["event"] };
      }
    } catch (error) {
      if (signal.aborted) return;
      // Before the first connection nothing is there to resume: a desk that is not running is said at once.
      const broken = error instanceof TransientError || error instanceof TypeError;
      if (!opened || !broken) throw error;
    }
    if (signal.aborted) return;
    onResume(`The stream ended; resuming${position === undefined ? "" : ` behind ${position}`}.`);
    await sleep(RESUME_MS, undefined, { signal }).catch(() => undefined);
  }
}
