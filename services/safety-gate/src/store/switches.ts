import { type Read, type Sql, sql } from "@opsdesk/database";
import { lastBy } from "@opsdesk/messaging/handler";

interface SwitchRow {
  readonly tenant: string;
  readonly categoryId: string;
  readonly stopped: boolean;
  readonly changedBy: string;
  readonly changedAt: string;
}

/** Sets stops; the last command about a category counts. */
export function setSwitches(rows: readonly SwitchRow[]): Sql {
  const last = lastBy(rows, (row) => `${row.tenant} ${row.categoryId}`);
  return sql`insert into safety_gate.gate_policies (tenant, category_id, stopped, changed_by, changed_at)
    select * from unnest(${last.map((r) => r.tenant)}::text[], ${last.map((r) => r.categoryId)}::text[], ${last.map((r) => r.stopped)}::boolean[],
      ${last.map((r) => r.changedBy)}::text[], ${last.map((r) => r.changedAt)}::timestamptz[])
    on conflict (tenant, category_id) do update set stopped = excluded.stopped, changed_by = excluded.changed_by, changed_at = excluded.changed_at`;
}

interface Stop {
  /** `""` stands for the whole desk. */
  readonly categoryId: string;
  readonly changedBy: string;
  readonly changedAt: Date;
}

/** The stops that hold for a tenant. */
export const stopsOf = (read: Read, tenant: string): Promise<readonly Stop[]> =>
  read.query<Stop>(
    sql`select category_id as "categoryId", changed_by as "changedBy", changed_at as "changedAt"
        from safety_gate.gate_policies where tenant = ${tenant} and stopped order by category_id`,
  );
