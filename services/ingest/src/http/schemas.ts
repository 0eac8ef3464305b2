import Type from "typebox";

/** Shapes that several routes share. */
export const Reference = Type.Object({
  ref: Type.String({ minLength: 1, maxLength: 200, description: "reference (OD-1025) or ticket id" }),
});

export const WriteHeaders = Type.Object({
  "idempotency-key": Type.Optional(
    Type.String({ minLength: 1, maxLength: 200, description: "the same key again answers the same and does nothing" }),
  ),
});

const Links = Type.Object({ ticket: Type.String(), story: Type.String() });

export const Accepted = Type.Object(
  { ticketId: Type.String(), reference: Type.String(), correlationId: Type.String(), links: Links },
  { description: "The raw text and its ticket are committed." },
);

/** RFC 9457; `code` is stable, see failure-modes.md. */
export const ProblemDocument = Type.Object({
  type: Type.String(),
  title: Type.String(),
  status: Type.Integer(),
  code: Type.String(),
  detail: Type.Optional(Type.String()),
  problems: Type.Optional(Type.Array(Type.Unknown())),
});

export const problems = (...statuses: readonly number[]): Record<number, typeof ProblemDocument> =>
  Object.fromEntries(statuses.map((status) => [status, ProblemDocument]));

export interface ReceiptNames {
  readonly ticketId: string;
  readonly reference: string;
  readonly correlationId: string;
}

/** Paths, not addresses: the answer stays the same when the desk moves. */
export const acceptedBody = ({ ticketId, reference, correlationId }: ReceiptNames) => ({
  ticketId,
  reference,
  correlationId,
  links: {
    ticket: `/v1/tickets/${encodeURIComponent(reference)}`,
    story: `/v1/stories/${encodeURIComponent(reference)}`,
  },
});
