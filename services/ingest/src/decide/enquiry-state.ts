import type { Book } from "./book.ts";
import type { DeskView } from "./desk-view.ts";

/** A business as taking in enquiries needs it. `nextNumber` is the first of a run that only this batch was given. */
export interface Business extends DeskView {
  readonly referencePrefix: string;
  readonly nextNumber: number;
}

/** What an earlier submission became. */
export interface KnownMessage {
  readonly tenant: string;
  readonly messageId: string;
  readonly ticketId: string;
  readonly reference: string;
  readonly correlationId: string;
  readonly submissionHash: string | null;
  readonly source: string | null;
  readonly externalId: string | null;
  readonly channelMessageId: string | null;
}

export interface EnquiryState extends Book {
  readonly businesses: Map<string, Business>;
  /** Earlier messages, by each of the names that a new one may call them: see `namesOf`. */
  readonly known: Map<string, KnownMessage>;
  /** Where the whole text is kept for those that read events, by event id; absent where an event holds all of it. */
  readonly fullTextRefs: ReadonlyMap<string, string>;
}
