import { type Read, type Sql, sql } from "@opsdesk/database";
import { lastBy } from "@opsdesk/messaging/handler";
import { type EndpointRow, endpointJson } from "./rows.ts";

export interface TenantEndpoints {
  readonly tenant: string;
  readonly endpoints: readonly EndpointRow[];
  /** The newest delivery of each endpoint in the lanes that were asked for. */
  readonly last: readonly { readonly endpointId: string; readonly lane: string; readonly deliveryId: string }[];
}

/** Endpoints of each tenant whose desk is known, with the ends of these lanes. One statement. */
export async function endpointsWithLanes(
  read: Read,
  wanted: readonly { tenant: string; lane: string }[],
): Promise<readonly TenantEndpoints[]> {
  return await read.query<TenantEndpoints>(sql`
    select d.tenant,
      (select coalesce(json_agg(${endpointJson("e")} order by e.endpoint_id), '[]'::json) from webhook.webhook_endpoints e
        where e.tenant = d.tenant and e.status <> 'deleted') as endpoints,
      (select coalesce(json_agg(json_build_object('endpointId', e.endpoint_id, 'lane', w.lane, 'deliveryId', l.delivery_id)), '[]'::json)
        from (select distinct u.tenant, u.lane from unnest(${wanted.map((one) => one.tenant)}::text[], ${wanted.map((one) => one.lane)}::text[]) u(tenant, lane)) w
        join webhook.webhook_endpoints e on e.tenant = w.tenant and e.status <> 'deleted'
        cross join lateral (select x.delivery_id from webhook.webhook_deliveries x
          where x.tenant = e.tenant and x.endpoint_id = e.endpoint_id and x.lane = w.lane order by x.sequence desc limit 1) l
        where w.tenant = d.tenant) as last
    from webhook.desks d where d.tenant = any(${[...new Set(wanted.map((one) => one.tenant))]}::text[])`);
}

interface Counter {
  readonly tenant: string;
  readonly endpointId: string;
  readonly loaded: number;
  readonly sequence: number;
}

const lastCounters = (rows: readonly Counter[]): readonly Counter[] =>
  lastBy(rows, (row) => `${row.tenant} ${row.endpointId}`);

/** Holds while nobody else has numbered a delivery of these endpoints: a sequence has no gaps and no doubles. */
export function countersHeld(rows: readonly Counter[]): { held: Sql; count: number } {
  const last = lastCounters(rows);
  return {
    held: sql`select 1 from webhook.webhook_endpoints e
      join unnest(${last.map((row) => row.tenant)}::text[], ${last.map((row) => row.endpointId)}::text[], ${last.map((row) => row.loaded)}::bigint[]) g(tenant, id, loaded)
        on e.tenant = g.tenant and e.endpoint_id = g.id where e.sequence = g.loaded for update of e`,
    count: last.length,
  };
}

export function countersMoved(rows: readonly Counter[]): Sql {
  const last = lastCounters(rows);
  return sql`update webhook.webhook_endpoints e set sequence = u.sequence
    from unnest(${last.map((row) => row.tenant)}::text[], ${last.map((row) => row.endpointId)}::text[], ${last.map((row) => row.sequence)}::bigint[]) u(tenant, id, sequence)
    where e.tenant = u.tenant and e.endpoint_id = u.id`;
}
