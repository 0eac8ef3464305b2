import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { type Asked, sensibleAnswer } from "./model-answers.ts";

/** How it treats who asks: as it should, not at all, with 500 and 529 in turn, or with a byte of an answer at a time. */
export type Manner = "well" | "hanging" | "failing" | "dripping";

interface Request extends Asked {
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** What comes back instead of a sensible answer. */
export interface Reply {
  readonly status?: number;
  /** Where it points with that status. */
  readonly location?: string;
  /** As it is; otherwise a message of the parts below. */
  readonly body?: string;
  readonly text?: string;
  readonly stopReason?: string;
}

export interface ModelEndpoint {
  readonly url: string;
  manner: Manner;
  reply: (request: Request) => Reply;
  /** Questions that came in, whatever became of them. */
  asked(): number;
  /** Those that got a sensible answer. */
  answered(): number;
  last(): Request | undefined;
  /** Nobody listens any more: connections are refused. */
  close(): Promise<void>;
  open(): Promise<void>;
}

const DRIP_MS = 50;
const CHARACTERS_A_TOKEN = 4;
const tokensIn = (words: string): number => Math.ceil(words.length / CHARACTERS_A_TOKEN);

/** A model's endpoint on this machine that speaks the wire of `POST /v1/messages`. */
export async function startModelEndpoint(): Promise<ModelEndpoint> {
  let server: Server | undefined;
  let port = 0;
  let last: Request | undefined;
  const counts = { asked: 0, answered: 0 };
  const endpoint = {
    manner: "well" as Manner,
    reply: (request: Request): Reply => ({ text: JSON.stringify(sensibleAnswer(request)) }),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const problem = problemOf(request);
    if (problem !== undefined) return send(response, problem, errorBody(problem));
    // The client of this service wrote it.
    const { messages, model, system } = JSON.parse(body) as {
      model: string;
      system: [{ text: string }];
      messages: [{ content: string }];
    };
    last = { headers: request.headers, body, system: system[0].text, user: messages[0].content };
    counts.asked += 1;
    const { manner } = endpoint;
    if (manner === "hanging") return;
    if (manner === "failing") {
      const status = counts.asked % 2 === 0 ? 500 : 529;
      return send(response, status, errorBody(status));
    }
    const reply = endpoint.reply(last);
    const told = reply.body ?? JSON.stringify(messageOf(model, reply, last));
    if (manner === "dripping") return drip(response, told);
    counts.answered += 1;
    if (reply.location !== undefined) response.setHeader("location", reply.location);
    send(response, reply.status ?? 200, told);
  }

  async function open(): Promise<void> {
    const opened = createServer((request, response) => void answer(request, response));
    server = opened;
    await new Promise<void>((resolve) => opened.listen(port, "127.0.0.1", resolve));
    // A TCP server's address is never a string.
    ({ port } = opened.address() as AddressInfo);
  }

  async function close(): Promise<void> {
    const closing = server;
    if (closing === undefined) return;
    server = undefined;
    const closed = new Promise<void>((resolve) => closing.close(() => resolve()));
    closing.closeAllConnections();
    await closed;
  }

  await open();
  return Object.assign(endpoint, {
    url: `http://127.0.0.1:${port}`,
    asked: () => counts.asked,
    answered: () => counts.answered,
    last: () => last,
    close,
    open,
  });
}

function problemOf({ headers, method, url }: IncomingMessage): number | undefined {
  if (method !== "POST" || url !== "/v1/messages") return 404;
  if (headers.authorization?.startsWith("Bearer ") !== true) return 401;
  return headers["anthropic-version"] === undefined ? 400 : undefined;
}

const errorBody = (status: number): string =>
  JSON.stringify({ type: "error", error: { type: status === 529 ? "overloaded_error" : "api_error", message: "no" } });

const messageOf = (model: string, { stopReason = "end_turn", text: said }: Reply, { system, user }: Asked) => ({
  id: "msg_test",
  type: "message",
  role: "assistant",
  model,
  content: [
    { type: "thinking", thinking: "", signature: "" },
    ...(said === undefined ? [] : [{ type: "text", text: said }]),
  ],
  stop_reason: stopReason,
  stop_sequence: null,
  usage: {
    input_tokens: tokensIn(user),
    output_tokens: tokensIn(said ?? ""),
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: tokensIn(system),
  },
});

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { "content-type": "application/json", "request-id": "req_test" }).end(body);
}

function drip(response: ServerResponse, body: string): void {
  response.writeHead(200, { "content-type": "application/json" });
  let at = 0;
  const timer = setInterval(() => {
    if (response.destroyed) return clearInterval(timer);
    response.write(body[at] ?? " ");
    at += 1;
  }, DRIP_MS);
}
