import type { Read } from "@opsdesk/database";
import { RejectedError } from "@opsdesk/errors";
import type { Offer } from "@opsdesk/messaging";
import type { KeyHolder } from "@opsdesk/service";
import { commandHash } from "../handlers/on-admin-command.ts";
import { answeredCommand } from "../store/endpoint-book.ts";
import { refusal } from "./refusal.ts";

export interface CommandPorts {
  readonly database: Read;
  readonly offer: Offer;
}

interface CommandReply {
  readonly reply: Readonly<Record<string, unknown>>;
  /** This request was carried out before, and is only told again what came of it. */
  readonly repeated: boolean;
}

/** Offers a command of the caller to this service's own handler, and answers once it is committed. */
export async function submitCommand(
  ports: CommandPorts,
  holder: KeyHolder,
  key: string,
  command: string,
  given: Readonly<Record<string, unknown>>,
): Promise<CommandReply> {
  const { tenant, keyId } = holder;
  const data = {
    actor: { kind: "system" as const, id: keyId },
    target: "endpoint" as const,
    command,
    arguments: given,
  };
  const result = await ports.offer({
    handler: "on-admin-command",
    type: "admin.command_submitted",
    tenant,
    source: `key:${keyId}`,
    data,
    idempotencyKey: `${tenant}:http:${key}`,
    key: tenant,
  });
  if (result.status === "rejected")
    throw new RejectedError(result.code, result.message, { publicMessage: result.message });
  // The handler's own reply; its type is lost on the way through the runtime.
  if (result.status === "done") return { reply: result.reply as CommandReply["reply"], repeated: false };
  const known = await answeredCommand(ports.database, tenant, result.eventId);
  if (known === undefined || known.contentHash !== commandHash(data))
    throw refusal("idempotency_key_reused", "This Idempotency-Key was used for another request.");
  return { reply: known.reply, repeated: true };
}

export const textIn = (reply: Readonly<Record<string, unknown>>, name: string): string => String(reply[name]);
