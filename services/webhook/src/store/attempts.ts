import { type Read, type Sql, sql } from "@opsdesk/database";
import { type AttemptRow, attemptColumns } from "./rows.ts";

export function insertAttempts(rows: readonly AttemptRow[]): Sql {
  const of = <Value>(pick: (row: AttemptRow) => Value): readonly Value[] => rows.map(pick);
  return sql`insert into webhook.delivery_attempts (tenant, delivery_id, attempt, started_at, latency_ms, code, message, status, request_headers, response_headers,
      response_body, response_truncated, content_hash, previous_hash, hash)
    select * from unnest(${of((r) => r.tenant)}::text[], ${of((r) => r.deliveryId)}::text[], ${of((r) => r.attempt)}::int[], ${of((r) => r.startedAt)}::timestamptz[],
      ${of((r) => r.latencyMs)}::int[], ${of((r) => r.code)}::text[], ${of((r) => r.message)}::text[], ${of((r) => r.status)}::int[],
      ${of((r) => r.requestHeaders)}::text[], ${of((r) => r.responseHeaders)}::text[], ${of((r) => r.responseBody)}::text[],
      ${of((r) => r.responseTruncated)}::boolean[], ${of((r) => r.contentHash)}::text[], ${of((r) => r.previousHash)}::text[], ${of((r) => r.hash)}::text[])`;
}

/** A delivery's attempts, first to last. */
export const attemptsOf = (read: Read, tenant: string, deliveryId: string): Promise<readonly AttemptRow[]> =>
  read.query<AttemptRow>(
    sql`select ${attemptColumns("a")} from webhook.delivery_attempts a where a.tenant = ${tenant} and a.delivery_id = ${deliveryId} order by a.attempt`,
  );
