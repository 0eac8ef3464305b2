import { RejectedError, TransientError } from "@opsdesk/errors";

/** Talks to a desk as anyone outside would: over HTTP, with an API key. */
export interface Client {
  readonly url: string;
  get<T>(path: string): Promise<T>;
  send<T>(
    method: "POST" | "PUT" | "PATCH" | "DELETE",
    path: string,
    body: unknown,
    idempotencyKey?: string,
  ): Promise<T>;
  /** One e-mail as it came over SMTP (`message/rfc822`). */
  mail<T>(path: string, message: string | Uint8Array<ArrayBuffer>): Promise<T>;
  /** The raw response, for streams. */
  open(path: string, signal: AbortSignal, headers?: Readonly<Record<string, string>>): Promise<Response>;
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
    const message = `${problem.detail ?? problem.title ?? `the desk answered ${status}`}${HINTS[status] ?? ""}`;
    super(problem.code ?? `http_${status}`, message, { publicMessage: message });
    this.status = status;
    this.problems = problem.problems ?? [];
  }
}

/** What to do about a refusal whose cause is on this side. */
const HINTS: Readonly<Record<number, string>> = {
  401: " Here: --api-key, OPSDESK_API_KEY, or the file api-key of the desk's data directory (OPSDESK_DATA_DIR).",
};

/** The desk is there and asks to be left alone for a while. */
export class DeskBusy extends TransientError {
  readonly retryAfterSeconds: number | undefined;
  constructor(problem: Problem, retryAfter: string | null) {
    const message = problem.detail ?? "The desk cannot serve now; try again.";
    super(problem.code ?? "unavailable", message, { publicMessage: message });
    const seconds = Number(retryAfter ?? Number.NaN);
    this.retryAfterSeconds = Number.isFinite(seconds) && seconds >= 0 ? seconds : undefined;
  }
}

const BUSY = new Set([429, 502, 503, 504]);

export function client(url: string, apiKey: string | undefined): Client {
  const headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  const unreachable = (cause: unknown): TransientError =>
    new TransientError("desk_unreachable", `nothing answers at ${url}`, {
      cause,
      publicMessage: `Nothing answers at ${url}. Start the desk with \`npm start\`, or name another with --url.`,
    });
  const call = async (path: string, init: RequestInit): Promise<Response> => {
    let response: Response;
    try {
      response = await fetch(new URL(path, url), init);
    } catch (cause) {
      throw unreachable(cause);
    }
    if (response.ok) return response;
    // A proxy's own error page is not JSON: the status alone has to say it then.
    const problem = ((await response.json().catch(() => undefined)) ?? {}) as Problem;
    if (BUSY.has(response.status)) throw new DeskBusy(problem, response.headers.get("retry-after"));
    throw new DeskRefusal(response.status, problem);
  };
  const read = async <T>(path: string, init: RequestInit): Promise<T> => {
    const response = await call(path, init);
    const text = await response.text().catch((cause: unknown) => Promise.reject(unreachable(cause)));
    try {
      return (text === "" ? undefined : JSON.parse(text)) as T;
    } catch (cause) {
      const message = `What answers at ${url} is not a desk: ${path} is not JSON.`;
      throw new RejectedError("answer_not_json", message, { cause, publicMessage: message });
    }
  };
  return {
    url,
    get: <T>(path: string) => read<T>(path, { headers }),
    send: <T>(method: string, path: string, body: unknown, idempotencyKey?: string) =>
      read<T>(path, {
        method,
        headers: {
          ...headers,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    mail: <T>(path: string, message: string | Uint8Array<ArrayBuffer>) =>
      read<T>(path, { method: "POST", headers: { ...headers, "content-type": "message/rfc822" }, body: message }),
    open: (path, signal, more = {}) => call(path, { headers: { ...headers, ...more }, signal }),
  };
}

/** A path whose parts may hold anything; `undefined` queries are left out. */
export function pathTo(
  parts: readonly string[],
  query: Readonly<Record<string, string | number | undefined>> = {},
): string {
  const asked = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  const path = `/${parts.map(encodeURIComponent).join("/")}`;
  return asked.length === 0 ? path : `${path}?${new URLSearchParams(asked).toString()}`;
}
