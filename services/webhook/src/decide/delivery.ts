/** `waiting` for its predecessor; `held` because its endpoint was disabled when it happened: only a replay sends it. */
type DeliveryState = "due" | "waiting" | "delivered" | "failed" | "held";

/** One event on its way to one endpoint. */
export interface Delivery {
  readonly tenant: string;
  readonly deliveryId: string;
  readonly endpointId: string;
  /** Order is kept among the deliveries of one endpoint and lane: a ticket, or an event that has none. */
  readonly lane: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly ticketId: string | null;
  readonly reference: string | null;
  readonly correlationId: string;
  readonly sequence: number;
  /** The delivery before it in its lane. */
  readonly previousId: string | null;
  readonly state: DeliveryState;
  /** All attempts ever made. */
  readonly attempts: number;
  /** Attempts since it was last started: by its event, or by a replay. */
  readonly tries: number;
  readonly lastStatus: number | null;
  readonly lastCode: string | null;
  /** Hash of the newest attempt in the log. */
  readonly lastHash: string | null;
  readonly nextAttemptAt: string | null;
  readonly finishedAt: string | null;
  readonly createdAt: string;
  readonly version: number;
}

export interface NewDelivery extends Delivery {
  /** What is sent, byte for byte, by every attempt. */
  readonly body: string;
}

/** A delivery that moves on from the version that was loaded. */
export interface MovedDelivery extends Delivery {
  readonly loadedVersion: number;
}

export const finished = ({ state }: Pick<Delivery, "state">): boolean =>
  state === "delivered" || state === "failed" || state === "held";

export const DELIVER_QUEUE = "webhook.deliver";

export interface DeliverJob {
  readonly deliveryId: string;
  /** The number of the attempt that this job is for: a repeated job finds that it has been made. */
  readonly attempt: number;
}

/** The job of a delivery's next attempt. Jobs of a lane run one after another. */
export function deliverJob(delivery: Delivery, startAfterSeconds = 0) {
  const attempt = delivery.attempts + 1;
  return {
    queue: DELIVER_QUEUE,
    key: `${delivery.endpointId}:${delivery.lane}`,
    data: { deliveryId: delivery.deliveryId, attempt } satisfies DeliverJob,
    // Part of the job's id: the version tells a delivery that waited, was slowed or was replayed from the job before.
    ordinal: `${delivery.deliveryId}:${String(attempt)}:${String(delivery.version)}`,
    ...(startAfterSeconds > 0 ? { startAfterSeconds } : {}),
  };
}
