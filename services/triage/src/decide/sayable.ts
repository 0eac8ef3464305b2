import type { Evidence } from "@opsdesk/schemas/common";

/** Past tickets hold other people's words: they may inform a reviewer, never be quoted to a customer. */
export const sayable = (evidence: readonly Evidence[]): readonly Evidence[] =>
  evidence.filter((item) => item.kind !== "ticket");
