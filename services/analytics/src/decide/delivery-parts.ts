import type { Envelope } from "@opsdesk/schemas/envelope";
import type { DeliveryDocument } from "./delivery-fields.ts";
import { type ByType, type EventOf, saidBy } from "./event-of.ts";
import { type Fold, byTime, isoOf, valuesOf } from "./fold.ts";

type DeliveryFold = Fold<DeliveryDocument>;

const ended = (event: EventOf<"webhook.delivered"> | EventOf<"webhook.failed">): DeliveryFold => {
  const { data, id, time, tenantid } = event;
  const at = byTime(time, id);
  const failed = "code" in data;
  return {
    is: {
      tenant: tenantid,
      deliveryId: data.deliveryId,
      endpointId: data.endpointId,
      ticketId: data.ticketId,
      eventType: data.eventType,
    },
    last: {
      endpointName: [at, data.endpointName],
      state: [at, failed ? "failed" : "delivered"],
      attempts: [at, data.attempts],
      httpStatus: [at, data.status],
      code: [at, failed ? data.code : null],
      latencyMs: [at, failed ? null : data.latencyMs],
      endedAt: [at, isoOf(time)],
    },
    sum: failed ? { failures: { [id]: 1 } } : {},
  };
};

const says: ByType<DeliveryFold> = { "webhook.delivered": ended, "webhook.failed": ended };

export const deliveryParts = (event: Envelope): readonly DeliveryFold[] => {
  const said = saidBy(says, event);
  return said === undefined ? [] : [said];
};

export const deliveryId = ({ tenant, deliveryId: id }: DeliveryDocument): string => `${tenant ?? ""}:${id ?? ""}`;

export const deliveryDocument = (fold: DeliveryFold): DeliveryDocument => {
  const known = valuesOf(fold);
  return { ...known, failures: known.failures ?? 0 };
};
