import { type Read, type Sql, sql } from "@opsdesk/database";
import { lastBy } from "@opsdesk/messaging/handler";
import {
  type DeliveryRow,
  type EndpointRow,
  type SecretRow,
  deliveryColumns,
  deliveryJson,
  endpointJson,
  signingSecrets,
} from "./rows.ts";

interface NewDeliveryRow extends DeliveryRow {
  readonly body: string;
}

interface MovedDeliveryRow extends DeliveryRow {
  readonly loadedVersion: number;
}

export function insertDeliveries(rows: readonly NewDeliveryRow[]): Sql {
  const of = <Value>(pick: (row: NewDeliveryRow) => Value): readonly Value[] => rows.map(pick);
  return sql`insert into webhook.webhook_deliveries (tenant, delivery_id, endpoint_id, lane, event_id, event_type, ticket_id, reference, correlation_id,
      sequence, previous_id, state, attempts, tries, last_status, last_code, last_hash, next_attempt_at, finished_at, body, version, created_at)
    select u.tenant, u.delivery_id, u.endpoint_id, u.lane, u.event_id, u.event_type, u.ticket_id, u.reference, u.correlation_id, u.sequence, u.previous_id,
      u.state, 0, 0, null, null, null, u.next_attempt_at, u.finished_at, u.body, 1, u.created_at
    from unnest(${of((r) => r.tenant)}::text[], ${of((r) => r.deliveryId)}::text[], ${of((r) => r.endpointId)}::text[], ${of((r) => r.lane)}::text[],
      ${of((r) => r.eventId)}::text[], ${of((r) => r.eventType)}::text[], ${of((r) => r.ticketId)}::text[], ${of((r) => r.reference)}::text[],
      ${of((r) => r.correlationId)}::text[], ${of((r) => r.sequence)}::bigint[], ${of((r) => r.previousId)}::text[], ${of((r) => r.state)}::text[],
      ${of((r) => r.nextAttemptAt)}::timestamptz[], ${of((r) => r.finishedAt)}::timestamptz[], ${of((r) => r.body)}::text[], ${of((r) => r.createdAt)}::timestamptz[])
      u(tenant, delivery_id, endpoint_id, lane, event_id, event_type, ticket_id, reference, correlation_id, sequence, previous_id, state, next_attempt_at,
        finished_at, body, created_at)`;
}

const lastMoves = (rows: readonly MovedDeliveryRow[]): readonly MovedDeliveryRow[] =>
  lastBy(rows, (row) => `${row.tenant} ${row.deliveryId}`);

/** Holds while none of these deliveries has moved since it was loaded. */
export function deliveriesHeld(rows: readonly MovedDeliveryRow[]): { held: Sql; count: number } {
  const last = lastMoves(rows);
  return {
    held: sql`select 1 from webhook.webhook_deliveries d
      join unnest(${last.map((r) => r.tenant)}::text[], ${last.map((r) => r.deliveryId)}::text[], ${last.map((r) => r.loadedVersion)}::bigint[]) g(tenant, id, version)
        on d.tenant = g.tenant and d.delivery_id = g.id where d.version = g.version for update of d`,
    count: last.length,
  };
}

export function moveDeliveries(rows: readonly MovedDeliveryRow[]): Sql {
  const last = lastMoves(rows);
  const of = <Value>(pick: (row: MovedDeliveryRow) => Value): readonly Value[] => last.map(pick);
  return sql`update webhook.webhook_deliveries d set state = u.state, attempts = u.attempts, tries = u.tries, last_status = u.last_status, last_code = u.last_code,
      last_hash = u.last_hash, next_attempt_at = u.next_attempt_at, finished_at = u.finished_at, version = u.version
    from unnest(${of((r) => r.tenant)}::text[], ${of((r) => r.deliveryId)}::text[], ${of((r) => r.state)}::text[], ${of((r) => r.attempts)}::int[],
      ${of((r) => r.tries)}::int[], ${of((r) => r.lastStatus)}::int[], ${of((r) => r.lastCode)}::text[], ${of((r) => r.lastHash)}::text[],
      ${of((r) => r.nextAttemptAt)}::timestamptz[], ${of((r) => r.finishedAt)}::timestamptz[], ${of((r) => r.version)}::bigint[])
      u(tenant, delivery_id, state, attempts, tries, last_status, last_code, last_hash, next_attempt_at, finished_at, version)
    where d.tenant = u.tenant and d.delivery_id = u.delivery_id`;
}

/** A delivery with all that an attempt needs to know. */
export interface PlacedDelivery {
  readonly delivery: DeliveryRow;
  readonly body: string;
  readonly endpoint: EndpointRow | null;
  readonly secrets: readonly SecretRow[];
  readonly predecessor: DeliveryRow | null;
  readonly successor: DeliveryRow | null;
}

export const placeKey = (tenant: string, deliveryId: string): string => `${tenant} ${deliveryId}`;

/** By `placeKey`. One statement. */
export async function placedDeliveries(
  read: Read,
  wanted: readonly { tenant: string; deliveryId: string }[],
  now: string,
): Promise<ReadonlyMap<string, PlacedDelivery>> {
  const rows = await read.query<PlacedDelivery>(sql`
    select ${deliveryJson("d")} as delivery, d.body,
      case when e.endpoint_id is null then null else ${endpointJson("e")} end as endpoint, ${signingSecrets(now)} as secrets,
      case when p.delivery_id is null then null else ${deliveryJson("p")} end as predecessor,
      case when n.delivery_id is null then null else ${deliveryJson("n")} end as successor
    from unnest(${wanted.map((one) => one.tenant)}::text[], ${wanted.map((one) => one.deliveryId)}::text[]) w(tenant, id)
    join webhook.webhook_deliveries d on d.tenant = w.tenant and d.delivery_id = w.id
    left join webhook.webhook_endpoints e on e.tenant = d.tenant and e.endpoint_id = d.endpoint_id
    left join webhook.webhook_deliveries p on p.tenant = d.tenant and p.delivery_id = d.previous_id
    left join webhook.webhook_deliveries n on n.tenant = d.tenant and n.previous_id = d.delivery_id`);
  return new Map(rows.map((row) => [placeKey(row.delivery.tenant, row.delivery.deliveryId), row]));
}

export interface Choice {
  readonly tenant: string;
  readonly deliveryId?: string | undefined;
  readonly endpointId?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly afterSequence?: number | undefined;
  readonly states: readonly string[];
  readonly limit: number;
}

/** Finished deliveries in the order in which they were made. */
export const chosenDeliveries = (read: Read, choice: Choice): Promise<readonly DeliveryRow[]> =>
  read.query<DeliveryRow>(sql`
    select ${deliveryColumns("d")} from webhook.webhook_deliveries d
    where d.tenant = ${choice.tenant}
      and (${choice.deliveryId ?? null}::text is null or d.delivery_id = ${choice.deliveryId ?? null})
      and (${choice.endpointId ?? null}::text is null or d.endpoint_id = ${choice.endpointId ?? null})
      and (${choice.since ?? null}::timestamptz is null or d.created_at >= ${choice.since ?? null}::timestamptz)
      and (${choice.until ?? null}::timestamptz is null or d.created_at < ${choice.until ?? null}::timestamptz)
      and d.sequence > ${choice.afterSequence ?? 0}::bigint
      and d.state = any(${choice.states}::text[])
    order by d.endpoint_id, d.sequence limit ${choice.limit}::int`);
