import { type Sql, sql } from "@opsdesk/database";
import { lastBy } from "@opsdesk/messaging/handler";

interface HealthRow {
  readonly tenant: string;
  readonly endpointId: string;
  readonly failingSince: string | null;
  readonly slowUntil: string | null;
  readonly disable: { readonly reason: string; readonly detail: string; readonly loadedVersion: number } | null;
}

/** One row an endpoint: the last word on how it fares, and what disables it, whichever attempt said so. */
function merged(rows: readonly HealthRow[]): readonly HealthRow[] {
  const key = (row: HealthRow): string => `${row.tenant} ${row.endpointId}`;
  const disabling = new Map(rows.filter((row) => row.disable !== null).map((row) => [key(row), row.disable]));
  return lastBy(rows, key).map((row) => ({ ...row, disable: disabling.get(key(row)) ?? null }));
}

/** Holds while the endpoints about to be disabled are still as they were loaded: one writer says that it is. */
export function disablingHeld(rows: readonly HealthRow[]): { held: Sql; count: number } {
  const disabling = merged(rows).flatMap(({ tenant, endpointId, disable }) =>
    disable === null ? [] : [{ tenant, endpointId, version: disable.loadedVersion }],
  );
  return {
    held: sql`select 1 from webhook.webhook_endpoints e
      join unnest(${disabling.map((r) => r.tenant)}::text[], ${disabling.map((r) => r.endpointId)}::text[], ${disabling.map((r) => r.version)}::bigint[]) g(tenant, id, version)
        on e.tenant = g.tenant and e.endpoint_id = g.id where e.version = g.version for update of e`,
    count: disabling.length,
  };
}

/** Only health and a rule's disabling: what an operator may have changed meanwhile is left alone. */
export function endpointsFared(rows: readonly HealthRow[]): Sql {
  const last = merged(rows);
  const of = <Value>(pick: (row: HealthRow) => Value): readonly Value[] => last.map(pick);
  return sql`update webhook.webhook_endpoints e set failing_since = u.failing_since, slow_until = u.slow_until,
      status = case when u.reason is null then e.status else 'disabled' end,
      disabled_reason = coalesce(u.reason, e.disabled_reason), disabled_detail = coalesce(u.detail, e.disabled_detail),
      version = case when u.reason is null then e.version else e.version + 1 end
    from unnest(${of((r) => r.tenant)}::text[], ${of((r) => r.endpointId)}::text[], ${of((r) => r.failingSince)}::timestamptz[], ${of((r) => r.slowUntil)}::timestamptz[],
      ${of((r) => r.disable?.reason ?? null)}::text[], ${of((r) => r.disable?.detail ?? null)}::text[]) u(tenant, endpoint_id, failing_since, slow_until, reason, detail)
    where e.tenant = u.tenant and e.endpoint_id = u.endpoint_id`;
}
