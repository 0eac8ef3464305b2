import { UsageError } from "../terminal/usage-error.ts";
import type { Row } from "./read-rows.ts";

/** The body of `POST /v1/enquiries`. */
export interface EnquiryBody {
  readonly channel: string;
  readonly from: { readonly name: string; readonly email?: string; readonly phone?: string };
  readonly subject?: string;
  readonly text: string;
  readonly externalId: string;
  readonly source: string;
  readonly receivedAt?: string;
}

/** Names that a column may have; the first that is there counts. */
const NAMES = {
  text: ["text", "body", "message", "content", "description", "question"],
  id: ["externalId", "external_id", "id", "ticket_id"],
  subject: ["subject", "title"],
  name: ["name", "customer_name", "from_name", "customer"],
  email: ["email", "customer_email", "from_email", "from"],
  phone: ["phone"],
  channel: ["channel"],
  receivedAt: ["receivedAt", "received_at", "created_at", "date"],
} as const;

const CHANNELS = new Set(["email", "web", "phone", "chat", "api"]);
const EMAIL = /^[^@\s]+@[^@\s]+$/;

/** The column that holds what was written. Throws UsageError where none can be it. */
export function textColumnOf({ fields }: Row, asked: string | undefined): string {
  const columns = Object.keys(fields);
  const found =
    asked ?? NAMES.text.find((name) => columns.includes(name)) ?? (columns.length === 1 ? columns[0] : undefined);
  if (found === undefined || !columns.includes(found))
    throw new UsageError(
      `${asked === undefined ? "No column is called text" : `There is no column ${asked}`}. Name the one that holds the enquiry with --text-column: ${columns.join(", ")}.`,
    );
  return found;
}

/** A row as an enquiry: its columns by their usual names, its own id or its number as the external id. */
export function enquiryOfRow({ fields, number }: Row, textColumn: string, source: string): EnquiryBody {
  const value = (names: readonly string[], from: Readonly<Record<string, unknown>> = fields): string | undefined => {
    const held = names
      .map((name) => from[name])
      .find((one): one is string | number => (typeof one === "string" && one.trim() !== "") || typeof one === "number");
    return held === undefined ? undefined : String(held);
  };
  const { from } = fields;
  const sender = typeof from === "object" && from !== null ? { ...from } : undefined;
  const email = value(NAMES.email, sender)?.trim();
  const phone = value(NAMES.phone, sender);
  const subject = value(NAMES.subject);
  const receivedAt = value(NAMES.receivedAt);
  const at = receivedAt === undefined ? Number.NaN : Date.parse(receivedAt);
  const channel = value(NAMES.channel)?.toLowerCase();
  return {
    channel: channel !== undefined && CHANNELS.has(channel) ? channel : "api",
    from: {
      name: value(sender === undefined ? NAMES.name : ["name"], sender) ?? email ?? "Unknown",
      ...(email !== undefined && EMAIL.test(email) ? { email } : {}),
      ...(phone === undefined ? {} : { phone }),
    },
    ...(subject === undefined ? {} : { subject }),
    text: value([textColumn]) ?? "",
    externalId: value(NAMES.id) ?? String(number),
    source,
    ...(Number.isNaN(at) ? {} : { receivedAt: new Date(at).toISOString() }),
  };
}
