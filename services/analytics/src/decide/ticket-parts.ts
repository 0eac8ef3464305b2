import type { Run } from "@opsdesk/schemas/common";
import { type ByType, type EventOf, saidBy } from "./event-of.ts";
import {
  type Fold,
  byAuthor,
  byConversation,
  byTime,
  byVersion,
  isoOf,
  join,
  secondsBetween,
  valuesOf,
} from "./fold.ts";
import type { TicketDocument } from "./ticket-fields.ts";

type TicketFold = Fold<TicketDocument>;
type TicketEvent = EventOf<"contact.logged">;
/** Any event of a ticket: what it is about, and that something happened. */
type Place = Pick<TicketEvent, "id" | "time" | "tenantid"> & {
  readonly data: Pick<TicketEvent["data"], "ticketId" | "reference">;
};

const about = ({ id, time, tenantid, data }: Place, fold: TicketFold): TicketFold =>
  join(
    {
      is: { tenant: tenantid, ticketId: data.ticketId, reference: data.reference },
      last: { lastEventAt: [byTime(time, id), isoOf(time)] },
    },
    fold,
  );

const withRuns = (runs: readonly Run[]): TicketFold => ({
  sum: {
    modelRuns: Object.fromEntries(runs.map((run) => [run.runId, 1])),
    costMicros: Object.fromEntries(runs.map((run) => [run.runId, run.costMicros])),
  },
});

const timeOrNull = (time: string | null): string | null => (time === null ? null : isoOf(time));

const STATUS_BY_MESSAGE = { customer: "open", reply: "pending", note: null } as const;
const CLOSED: readonly (string | undefined)[] = ["closed", "resolved"];

const created = (event: EventOf<"ticket.created">): TicketFold => {
  const { data, id, time } = event;
  const once = byTime(time, id);
  return about(event, {
    last: {
      status: [byVersion(data.aggregateVersion, id), data.status],
      priority: [byAuthor("arrival", data.aggregateVersion, id), data.priority],
      responseDueAt: [byVersion(data.aggregateVersion, id), isoOf(data.responseDueAt)],
      subject: [byVersion(data.aggregateVersion, id), data.subject],
    },
    first: {
      source: [once, data.source],
      channel: [once, data.channel],
      customerId: [once, data.customer.id],
      customerName: [once, data.customer.name],
      ...(data.customer.email === undefined ? {} : { customerEmail: [once, data.customer.email] as const }),
      openedAt: [once, isoOf(time)],
    },
    sum: { messages: { [data.message.id]: 1 }, customerMessages: { [data.message.id]: 1 } },
  });
};

const messageAdded = (event: EventOf<"ticket.message_added">): TicketFold => {
  const { data, id } = event;
  const status = STATUS_BY_MESSAGE[data.message.kind];
  const stamp = byVersion(data.aggregateVersion, id);
  return about(event, {
    last: {
      subject: [stamp, data.subject],
      // No event says again that a message moved the ticket; a note among colleagues does not.
      ...(status === null ? {} : { status: [stamp, status] as const, snoozedUntil: [stamp, null] as const }),
    },
    sum: {
      messages: { [data.message.id]: 1 },
      ...(data.message.kind === "customer" ? { customerMessages: { [data.message.id]: 1 } } : {}),
      ...(data.message.kind === "note" ? { notes: { [data.message.id]: 1 } } : {}),
    },
  });
};

const changed = (event: EventOf<"ticket.changed">): TicketFold => {
  const { data, id, time } = event;
  const { status, priority, categoryId, assigneeId, snoozedUntil, mergedInto, responseDueAt } = data.after;
  const stamp = byVersion(data.aggregateVersion, id);
  const authored = byAuthor("command", data.aggregateVersion, id);
  return about(event, {
    last: {
      ...(status === undefined ? {} : { status: [stamp, status] as const }),
      ...(priority === undefined ? {} : { priority: [authored, priority] as const }),
      ...(categoryId === undefined ? {} : { categoryId: [authored, categoryId] as const }),
      ...(assigneeId === undefined ? {} : { assigneeId: [stamp, assigneeId] as const }),
      ...(snoozedUntil === undefined ? {} : { snoozedUntil: [stamp, timeOrNull(snoozedUntil)] as const }),
      ...(mergedInto === undefined ? {} : { mergedInto: [stamp, mergedInto] as const }),
      ...(responseDueAt === undefined ? {} : { responseDueAt: [stamp, timeOrNull(responseDueAt)] as const }),
      ...(CLOSED.includes(status) ? { closedAt: [stamp, isoOf(time)] as const } : {}),
    },
    first: data.change === "breached" ? { breachedAt: [byTime(time, id), isoOf(time)] } : {},
    sum: data.change === "reopened" ? { reopenings: { [data.aggregateVersion]: 1 } } : {},
  });
};

const triaged = (event: EventOf<"ticket.triaged">): TicketFold => {
  const { data, id, time } = event;
  const stamp = byConversation(data.conversationVersion, time, id);
  const authored = byAuthor("triage", data.conversationVersion, id);
  return about(
    event,
    join(withRuns(data.runs), {
      last: {
        triageOutcome: [stamp, data.outcome],
        triageCategoryId: [stamp, data.categoryId],
        triageConfidence: [stamp, data.confidence],
        outOfScope: [stamp, data.outOfScope],
        language: [stamp, data.language],
        missingInformation: [stamp, data.missingInformation.map((one) => one.id)],
        risks: [stamp, data.risks.map((one) => one.id)],
        ...(data.outcome === "triaged"
          ? { categoryId: [authored, data.categoryId] as const, priority: [authored, data.priority] as const }
          : {}),
      },
    }),
  );
};

const retrieved = (event: EventOf<"context.retrieved">): TicketFold => {
  const { data, id, time } = event;
  const stamp = byConversation(data.conversationVersion, time, id);
  return about(
    event,
    join(withRuns(data.runs), {
      last: { evidenceOutcome: [stamp, data.outcome], evidenceCount: [stamp, data.evidence.length] },
    }),
  );
};

const replySent = (event: EventOf<"reply.sent">): TicketFold => {
  const { data, id } = event;
  const stamp = byTime(data.sentAt, id);
  return about(event, {
    first: { firstReplyAt: [stamp, isoOf(data.sentAt)], firstReplyOrigin: [stamp, data.origin] },
    sum: { replies: { [data.messageId]: 1 } },
  });
};

const contactLogged = (event: EventOf<"contact.logged">): TicketFold => {
  const { data, id } = event;
  return about(event, {
    first: data.reached ? { firstContactAt: [byTime(data.at, id), isoOf(data.at)] } : {},
    sum: { contacts: { [data.contactId]: 1 } },
  });
};

const followupChanged = (event: EventOf<"followup.changed">): TicketFold =>
  about(event, {
    sum: {
      followUps: { [event.data.followUpId]: 1 },
      // Done is the end of a follow-up.
      ...(event.data.status === "done" ? { followUpsDone: { [event.data.followUpId]: 1 } } : {}),
    },
  });

/** A run that no ticket's own event carries says nothing of the ticket's number or last event. */
const runRecorded = ({ tenantid, data }: EventOf<"ai.run.recorded">): TicketFold | undefined =>
  data.ticketId === null
    ? undefined
    : join({ is: { tenant: tenantid, ticketId: data.ticketId } }, withRuns([data.run]));

const says: ByType<TicketFold | undefined> = {
  "ticket.created": created,
  "ticket.message_added": messageAdded,
  "ticket.changed": changed,
  "ticket.triaged": triaged,
  "context.retrieved": retrieved,
  "ai.draft.proposed": (event) => about(event, withRuns(event.data.runs)),
  "ai.draft.review_required": (event) => about(event, {}),
  "ai.draft.auto_approved": (event) => about(event, {}),
  "ai.draft.reviewed": (event) => about(event, {}),
  "ai.draft.retired": (event) => about(event, {}),
  "reply.sent": replySent,
  "reply.failed": (event) => about(event, { sum: { repliesFailed: { [event.data.messageId]: 1 } } }),
  "contact.logged": contactLogged,
  "followup.changed": followupChanged,
  "ai.run.recorded": runRecorded,
};

export const ticketParts = (event: Parameters<typeof saidBy>[1]): readonly TicketFold[] => {
  const said = saidBy(says, event);
  return said === undefined ? [] : [said];
};

export const ticketId = ({ tenant, ticketId: id }: TicketDocument): string => `${tenant ?? ""}:${id ?? ""}`;

export function ticketDocument(fold: TicketFold): TicketDocument {
  const known = valuesOf(fold);
  const closedAt = CLOSED.includes(known.status ?? undefined) ? known.closedAt : null;
  return {
    ...known,
    closedAt: closedAt ?? null,
    handlingSeconds: secondsBetween(known.openedAt, closedAt),
    firstReplySeconds: secondsBetween(known.openedAt, known.firstReplyAt),
    // Sums of nothing: a ticket without replies has none, which a question about tickets without one asks for.
    replies: known.replies ?? 0,
    reopenings: known.reopenings ?? 0,
    followUps: known.followUps ?? 0,
    followUpsDone: known.followUpsDone ?? 0,
  };
}
