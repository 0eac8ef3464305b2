import { RejectedError } from "@opsdesk/errors";
import { type Client, pathTo } from "../client/client.ts";
import { SERVICES } from "../client/services.ts";
import { ifThere } from "../client/until.ts";

export interface DeadLetter {
  readonly service: string;
  readonly id: string;
  readonly consumer: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly eventId: string | null;
  readonly eventType: string | null;
  readonly code: string;
  readonly message: string;
  readonly status: string;
  readonly replacedBy: string | null;
  readonly createdAt: string;
  /** Only of one that is shown. */
  readonly value?: string;
}

type Told = Omit<DeadLetter, "service">;

export interface DeadLetterQuery {
  readonly service: string | undefined;
  readonly status: string | undefined;
  readonly code: string | undefined;
  readonly limit: number;
}

/** A service's path under /ops; `rest` are further parts. */
const pathIn = (service: string, ...rest: readonly string[]): string =>
  pathTo(["ops", service, "dead-letters", ...rest]);

export interface DeadLetterList {
  readonly items: readonly DeadLetter[];
  /** Services that could not be asked: this desk does not run them, or they serve no operator. */
  readonly notAsked: readonly string[];
}

/** The newest dead letters of one service or of all. */
export async function listDeadLetters(
  desk: Client,
  { code, limit, service, status }: DeadLetterQuery,
): Promise<DeadLetterList> {
  const lists = await Promise.all(
    (service === undefined ? SERVICES : [service]).map(async (name) => {
      const asked = desk.get<{ items: readonly Told[] }>(
        pathTo(["ops", name, "dead-letters"], { status, code, limit: Math.min(limit, 200) }),
      );
      const page = await (service === undefined ? ifThere(asked) : asked);
      return { name, letters: page?.items.map((letter) => ({ service: name, ...letter })) };
    }),
  );
  const items = lists.flatMap(({ letters = [] }) => letters).toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  return {
    items: items.slice(0, limit),
    notAsked: lists.flatMap(({ letters, name }) => (letters === undefined ? [name] : [])),
  };
}

/** One dead letter by its id, whichever service holds it. Throws RejectedError `dead_letter_unknown`. */
export async function findDeadLetter(desk: Client, id: string, service: string | undefined): Promise<DeadLetter> {
  for (const name of service === undefined ? SERVICES : [service]) {
    const letter = await ifThere(desk.get<Told>(pathIn(name, id)));
    if (letter !== undefined) return { service: name, ...letter };
  }
  const message = `No service has a dead letter ${id}. See \`opsdesk dead-letters list\`.`;
  throw new RejectedError("dead_letter_unknown", message, { publicMessage: message });
}

export interface Retried {
  readonly status: string;
  readonly code?: string;
  readonly message?: string;
  readonly reason?: string;
}

/** Whether the event is as good as handled. */
export const isHandled = ({ status }: Retried): boolean => ["done", "ignored", "duplicate"].includes(status);

export const whyNot = ({ code, message, reason }: Retried): string =>
  [code, message ?? reason].filter(Boolean).join(": ");

export const retryDeadLetter = (desk: Client, { id, service }: DeadLetter): Promise<Retried> =>
  desk.send("POST", pathIn(service, id, "retry"), undefined);

export const closeDeadLetter = (desk: Client, { id, service }: DeadLetter, because: string): Promise<Told> =>
  desk.send("POST", pathIn(service, id, "close"), { because });

export const replaceDeadLetter = (
  desk: Client,
  { id, service }: DeadLetter,
  event: object,
): Promise<Retried & { readonly eventId: string }> => desk.send("POST", pathIn(service, id, "replace"), { event });
