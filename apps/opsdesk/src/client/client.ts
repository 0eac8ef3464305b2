import { RejectedError, TransientError } from "@opsdesk/errors";

/** Talks to a desk as anyone outside would: over HTTP, with an API key. */
export interface Client {
  readonly url: string;
  get<T>(path: string): Promise<T>;
  send<T>(method: "POST" | "PUT" | "PATCH" | "DELETE", path: string, body: unknown, idempotencyKey?: string): Promise<T>;
  /** One e-mail as it came over SMTP (`message/rfc822`). */
  mail<T>(path: string, message: string): Promise<T>;
  /** The raw response, for streams. */
  open(path: string, signal: AbortSignal): Promise<Response>;
}

interface Problem {
  readonly code?: string;
  readonly detail?: string;
  readonly title?: string;
  readonly problems?: readonly unknown[];
}

/** A refusal of the desk, with its stable code and everything it lists. */
export class DeskRefusal extends RejectedError {
  readonly status: number;
  readonly problems: readonly unknown[];
  constructor(status: number, problem: Problem) {
    const message = problem.detail ?? problem.title ?? `the desk answered ${status}`;
    super(problem.code ?? `http_${status}`, message, { publicMessage: message });
    this.status = status;
    this.problems = problem.problems ?? [];
  }
}

export function client(url: string, apiKey: string | undefined): Client {
  const headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  const call = async (path: string, init: RequestInit): Promise<Response> => {
    let response: Response;
    try {
      response = await fetch(new URL(path, url), init);
    } catch (cause) {
      throw new TransientError("desk_unreachable", `nothing answers at ${url}`, {
        cause,
        publicMessage: `Nothing answers at ${url}. Start the desk with \`npm start\`, or name another with --url.`,
      });
    }
    if (response.ok) return response;
    const problem = (await response.json().catch(() => ({}))) as Problem;
    if (response.status === 503) throw new TransientError(problem.code ?? "unavailable", problem.detail ?? "the desk cannot serve now");
    throw new DeskRefusal(response.status, problem);
  };
  return {
    url,
    get: async <T>(path: string) => (await (await call(path, { headers })).json()) as T,
    send: async <T>(method: string, path: string, body: unknown, idempotencyKey?: string) => {
      const response = await call(path, {
        method,
        headers: {
          ...headers,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return (text === "" ? undefined : JSON.parse(text)) as T;
    },
    mail: async <T>(path: string, message: string) =>
      (await (await call(path, { method: "POST", headers: { ...headers, "content-type": "message/rfc822" }, body: message })).json()) as T,
    open: (path, signal) => call(path, { headers, signal }),
  };
}
