import { type Read, sql } from "@opsdesk/database";
import { type DeliveryRow, type EndpointRow, deliveryColumns, endpointColumns } from "./rows.ts";

/** Endpoints that are not deleted, by id. */
export const endpointPage = (
  read: Read,
  wanted: { tenant: string; endpointId?: string | undefined; cursor?: string | undefined; limit: number },
): Promise<readonly EndpointRow[]> =>
  read.query<EndpointRow>(sql`
    select ${endpointColumns("e")} from webhook.webhook_endpoints e
    where e.tenant = ${wanted.tenant} and e.status <> 'deleted' and e.endpoint_id > ${wanted.cursor ?? ""}
      and (${wanted.endpointId ?? null}::text is null or e.endpoint_id = ${wanted.endpointId ?? null})
    order by e.endpoint_id limit ${wanted.limit}::int`);

export interface DeliveryFilter {
  readonly tenant: string;
  readonly endpointId?: string | undefined;
  readonly ticketId?: string | undefined;
  readonly eventType?: string | undefined;
  readonly state?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly afterSequence?: number | undefined;
  readonly before?: { readonly createdAt: string; readonly deliveryId: string } | undefined;
  readonly limit: number;
}

/** Newest first; with `afterSequence`, in the order in which they were numbered, so that a consumer can catch up. */
export const deliveryPage = (read: Read, wanted: DeliveryFilter): Promise<readonly DeliveryRow[]> =>
  read.query<DeliveryRow>(sql`
    select ${deliveryColumns("d")} from webhook.webhook_deliveries d
    where d.tenant = ${wanted.tenant}
      and (${wanted.endpointId ?? null}::text is null or d.endpoint_id = ${wanted.endpointId ?? null})
      and (${wanted.ticketId ?? null}::text is null or d.ticket_id = ${wanted.ticketId ?? null})
      and (${wanted.eventType ?? null}::text is null or d.event_type = ${wanted.eventType ?? null})
      and (${wanted.state ?? null}::text is null or d.state = ${wanted.state ?? null})
      and (${wanted.since ?? null}::timestamptz is null or d.created_at >= ${wanted.since ?? null}::timestamptz)
      and (${wanted.until ?? null}::timestamptz is null or d.created_at < ${wanted.until ?? null}::timestamptz)
      and (${wanted.afterSequence ?? null}::bigint is null or d.sequence > ${wanted.afterSequence ?? null}::bigint)
      and (${wanted.before?.createdAt ?? null}::timestamptz is null
        or (d.created_at, d.delivery_id) < (${wanted.before?.createdAt ?? null}::timestamptz, ${wanted.before?.deliveryId ?? null}::text))
    order by case when ${wanted.afterSequence ?? null}::bigint is not null then d.sequence end, d.created_at desc, d.delivery_id desc
    limit ${wanted.limit}::int`);

/** One delivery with what is sent. */
export async function deliveryWithBody(
  read: Read,
  tenant: string,
  deliveryId: string,
): Promise<(DeliveryRow & { readonly body: string }) | undefined> {
  const rows = await read.query<DeliveryRow & { body: string }>(
    sql`select ${deliveryColumns("d")}, d.body from webhook.webhook_deliveries d where d.tenant = ${tenant} and d.delivery_id = ${deliveryId}`,
  );
  return rows[0];
}
