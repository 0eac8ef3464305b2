import { RejectedError, TransientError } from "@opsdesk/errors";
import type { Envelope } from "@opsdesk/schemas/envelope";
import type { SearchStore, Stored, Write, Written } from "../clients/store.ts";
import { type AnyFold, type Collection, collections, events as eventIndex } from "../decide/collections.ts";
import { eventDocument } from "../decide/event-document.ts";
import { fingerprint, join } from "../decide/fold.ts";
import { indexOf } from "../decide/generation.ts";
import { permitted } from "../decide/mapping.ts";

const CONFLICT = 409;
const GONE = 404;
const REFUSED = 400;
/** Other writers of the same documents are few: topics of one ticket, and another process while it hands over. */
const ATTEMPTS_MAX = 20;

export interface WriteOptions {
  readonly generation: number;
  readonly prefix: string;
  readonly rawText: boolean;
}

/** Events never change: one that is there already is the same. */
export async function writeEvents(
  store: SearchStore,
  events: readonly { readonly event: Envelope; readonly index: string }[],
  indexedAt: string,
  rawText: boolean,
): Promise<void> {
  const written = await store.write(
    events.map(({ event, index }) => ({
      index,
      id: event.id,
      document: permitted(eventIndex.fields, eventDocument(event, indexedAt), rawText),
    })),
  );
  for (const one of written) if (one.status !== CONFLICT) expectWritten(one);
}

interface Wanted {
  readonly collection: Collection;
  readonly index: string;
  readonly id: string;
  readonly fold: AnyFold;
}

/**
 * Joins what the events say into the documents they are about. A document is written only over the version that was
 * read; where somebody was faster it is read again, so that nothing that anybody has joined is lost.
 */
export async function writeFolds(
  store: SearchStore,
  events: readonly Envelope[],
  options: WriteOptions,
): Promise<void> {
  let wanted = foldsOf(events, options);
  for (let attempt = 1; wanted.length > 0; attempt += 1) {
    if (attempt > ATTEMPTS_MAX)
      throw new TransientError("search_contended", `${wanted.length} documents are changed by others all the time`);
    const stored = await store.read(wanted);
    const due = wanted.flatMap((one, at) => {
      const write = writeOf(one, stored[at]);
      return write === undefined ? [] : [{ one, write }];
    });
    const written = await store.write(due.map(({ write }) => write));
    wanted = due.flatMap(({ one }, at) => {
      const answer = written[at];
      if (answer?.status === CONFLICT) return [one];
      if (answer !== undefined) expectWritten(answer);
      return [];
    });
  }
}

function foldsOf(events: readonly Envelope[], { generation, prefix, rawText }: WriteOptions): readonly Wanted[] {
  const wanted = new Map<string, Wanted>();
  for (const event of events)
    for (const collection of collections)
      for (const part of collection.parts(event)) {
        const index = indexOf(prefix, collection.name, generation);
        const id = collection.idOf(part.is ?? {});
        const key = `${index}/${id}`;
        const known = wanted.get(key);
        const fold = withoutRaw(collection, part, rawText);
        wanted.set(key, { collection, index, id, fold: known === undefined ? fold : join(known.fold, fold) });
      }
  return [...wanted.values()];
}

const withoutRaw = ({ fields }: Collection, fold: AnyFold, rawText: boolean): AnyFold => ({
  ...fold,
  last: permitted(fields, fold.last ?? {}, rawText),
  first: permitted(fields, fold.first ?? {}, rawText),
});

/** Undefined where the document says it all already. */
function writeOf({ collection, index, id, fold }: Wanted, stored: Stored | undefined): Write | undefined {
  if (stored?.found !== true) {
    return { index, id, document: { ...collection.document(fold), fold } };
  }
  // What `fold` holds was written by this function.
  const known = (stored.source["fold"] ?? {}) as AnyFold;
  const joined = join(known, fold);
  if (fingerprint(joined) === fingerprint(join(known, {}))) return undefined;
  return { index, id, document: { ...collection.document(joined), fold: joined }, over: stored.version };
}

/** Throws where a document was not written: it cannot be (RejectedError), or not now. */
function expectWritten({ status, reason }: Written): void {
  if (status < 300) return;
  if (status === REFUSED) throw new RejectedError("document_refused", `the index refuses a document: ${reason}`);
  throw new TransientError(
    "search_unavailable",
    status === GONE ? `an index is gone: ${reason}` : `the search server answers ${status}: ${reason}`,
  );
}
