import { identifier, sql } from "@opsdesk/database";
import type { CommitPorts } from "./commit.ts";
import { type Item, causeOf } from "./item.ts";
import type { Publisher } from "./publisher.ts";

/** A redelivered event's effects are done, but its events may not have left: send whatever the outbox still holds of them. */
export async function republish(
  ports: CommitPorts & { readonly publisher: Publisher },
  items: readonly Item[],
): Promise<boolean> {
  if (ports.bus.inTransaction !== undefined) return true;
  const rows = await ports.database.query<{
    seq: number;
    topic: string;
    key: string | null;
    headers: Record<string, string>;
    value: string;
  }>(
    sql`select seq, topic, key, headers, value from ${identifier(ports.schema)}.outbox
        where cause_id = any(${items.map((item) => causeOf(item).id)}::text[]) and seq <> all(${ports.publisher.peekPublished()}::bigint[]) order by seq`,
  );
  return await ports.publisher.publish(
    rows.map(({ topic, key, headers, value }) => ({ topic, key, headers, value })),
    rows.map((row) => row.seq),
  );
}
