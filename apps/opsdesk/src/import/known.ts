import { type Client, pathTo } from "../client/client.ts";
import { ifThere } from "../client/until.ts";
import { patiently } from "../client/patiently.ts";

/** No import has more than this many rows in work. */
export const CONCURRENCY_MAX = 256;

export interface Known {
  /** Whether the desk has this message already; always false once nothing more can be known. */
  has(source: string, externalId: string): Promise<boolean>;
  /** A row that was not known has been taken in. */
  isNew(): void;
}

/**
 * The desk answers a repeat like the first time, so what an earlier run has sent is asked for beforehand. Rows are
 * sent in order, at most CONCURRENCY_MAX at a time: an interrupted run leaves no more holes than that, so after one
 * more new row all that follow are new, and asking ends. A first run pays for a few look-ups only.
 */
export function known(desk: Client): Known {
  let newRows = 0;
  return {
    has: async (source, externalId) =>
      newRows <= CONCURRENCY_MAX &&
      (await patiently(() => ifThere(desk.get(pathTo(["v1", "enquiries", source, externalId]))))) !== undefined,
    isNew: () => (newRows += 1),
  };
}
