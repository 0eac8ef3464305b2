import { type AnyHandler, handler } from "@opsdesk/messaging";
import { type Audience, type Told, afterTold, deliverEvent, laneKey } from "../decide/deliver-event.ts";
import { type DeliverableType, isShadow } from "../decide/endpoint.ts";
import { type Occurrence, laneOf } from "../decide/new-delivery.ts";
import { countersHeld, countersMoved, endpointsWithLanes } from "../store/audience.ts";
import { insertDeliveries } from "../store/deliveries.ts";
import { keepLinks } from "../store/links.ts";

type Audiences = ReadonlyMap<string, Audience>;

interface Envelope {
  readonly id: string;
  readonly type: string;
  readonly tenantid: string;
  readonly time: string;
  readonly correlationid: string;
  readonly data: unknown;
}

const occurrenceOf = ({ id, type, tenantid, time, correlationid, data }: Envelope): Occurrence => ({
  id,
  type,
  tenant: tenantid,
  time,
  correlationId: correlationid,
  data,
});

/** Every event that endpoints may be told is handled alike: only its type differs. */
export const onDeliverable = (type: DeliverableType): AnyHandler =>
  handler<DeliverableType, Audiences, Told>(type, {
    async load(read, events) {
      const wanted = events
        .filter((event) => !isShadow(event.tenantid))
        .map((event) => ({ tenant: event.tenantid, lane: laneOf(occurrenceOf(event)) }));
      if (wanted.length === 0) return new Map();
      const tenants = await endpointsWithLanes(read, wanted);
      return new Map(
        tenants.map(({ tenant, endpoints, last }) => [
          tenant,
          {
            endpoints,
            lastIds: new Map(last.map((one) => [laneKey(one.endpointId, one.lane), one.deliveryId])),
            loaded: new Map(endpoints.map((endpoint) => [endpoint.endpointId, endpoint.sequence])),
          },
        ]),
      );
    },
    decide: (event, audiences, { now }) => deliverEvent(occurrenceOf(event), audiences.get(event.tenantid), now),
    evolve(audiences, told) {
      const audience = audiences.get(told.tenant);
      return audience === undefined ? audiences : new Map(audiences).set(told.tenant, afterTold(audience, told));
    },
    save(rows) {
      const counters = rows.flatMap((row) => row.counters);
      const links = rows.flatMap((row) => (row.link === null ? [] : [row.link]));
      return {
        writes: [
          countersMoved(counters),
          insertDeliveries(rows.flatMap((row) => row.deliveries)),
          ...(links.length === 0 ? [] : [keepLinks(links)]),
        ],
        guards: [countersHeld(counters)],
      };
    },
    // Every delivery counts its endpoint up, whatever the ticket.
    turn: "endpoint counters",
  });
