import { projection } from "./projection.ts";
import { byAuthor, byVersion } from "./stamps.ts";
import { PLACE, placeOf } from "./ticket-place.ts";

/** What ingest says: the ticket itself, its messages and fields, and what people did beside the conversation. */
export const ticketCreated = projection(
  "ticket.created",
  {
    story: [
      ...PLACE,
      "correlationId",
      "source",
      "externalId",
      "channel",
      "customerId",
      "customerName",
      "subject",
      "status",
      "statusStamp",
      "priority",
      "priorityStamp",
      "responseDueAt",
      "dueStamp",
      "messages",
      "openedAt",
    ],
  },
  (event) => {
    const { data, id, time } = event;
    return {
      story: {
        ...placeOf(event),
        correlationId: event.correlationid,
        source: data.source,
        externalId: data.externalId,
        channel: data.channel,
        customerId: data.customer.id,
        customerName: data.customer.name,
        subject: data.subject,
        status: data.status,
        statusStamp: byVersion(data.aggregateVersion, id),
        priority: data.priority,
        priorityStamp: byAuthor("arrival", data.aggregateVersion, id),
        responseDueAt: data.responseDueAt,
        dueStamp: byVersion(data.aggregateVersion, id),
        messages: 1,
        openedAt: time,
      },
    };
  },
);

/** A note among colleagues leaves the status as it is. */
const STATUS_BY_MESSAGE: Readonly<Record<string, string | undefined>> = { customer: "open", reply: "pending" };

/** A message moves the ticket's status, which no event says again; a reply that came from a draft is its release. */
export const ticketMessageAdded = projection(
  "ticket.message_added",
  { story: [...PLACE, "status", "statusStamp", "messages"], draft: ["reference", "appliedAt"] },
  (event) => {
    const { data, id, time } = event;
    const status = STATUS_BY_MESSAGE[data.message.kind] ?? null;
    return {
      story: {
        ...placeOf(event),
        status,
        statusStamp: status === null ? null : byVersion(data.aggregateVersion, id),
        messages: 1,
      },
      draft:
        data.draftId === undefined
          ? null
          : { ticketId: data.ticketId, draftId: data.draftId, reference: data.reference, appliedAt: time },
    };
  },
);

export const ticketChanged = projection(
  "ticket.changed",
  {
    story: [
      ...PLACE,
      "status",
      "statusStamp",
      "priority",
      "priorityStamp",
      "categoryId",
      "categoryStamp",
      "assigneeId",
      "assigneeStamp",
      "responseDueAt",
      "dueStamp",
      "closedAt",
    ],
  },
  (event) => {
    const { data, id, time } = event;
    const { after } = data;
    const stamp = byVersion(data.aggregateVersion, id);
    const authored = byAuthor("command", data.aggregateVersion, id);
    return {
      story: {
        ...placeOf(event),
        status: after.status ?? null,
        statusStamp: after.status === undefined ? null : stamp,
        priority: after.priority ?? null,
        priorityStamp: after.priority === undefined ? null : authored,
        categoryId: after.categoryId ?? null,
        categoryStamp: after.categoryId === undefined ? null : authored,
        assigneeId: after.assigneeId ?? null,
        assigneeStamp: after.assigneeId === undefined ? null : stamp,
        responseDueAt: after.responseDueAt ?? null,
        dueStamp: after.responseDueAt === undefined ? null : stamp,
        closedAt: after.status === "closed" || after.status === "resolved" ? time : null,
      },
    };
  },
);

export const documentExtracted = projection("document.extracted", { story: PLACE }, (event) => ({
  story: placeOf(event),
}));

export const contactLogged = projection("contact.logged", { story: [...PLACE, "contactedAt"] }, (event) => ({
  story: { ...placeOf(event), contactedAt: event.data.at },
}));

export const replySent = projection("reply.sent", { story: [...PLACE, "repliedAt"] }, (event) => ({
  story: { ...placeOf(event), repliedAt: event.data.sentAt },
}));

export const replyFailed = projection("reply.failed", { story: PLACE }, (event) => ({ story: placeOf(event) }));

export const followupChanged = projection("followup.changed", { story: PLACE }, (event) => ({ story: placeOf(event) }));
