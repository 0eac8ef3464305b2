import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { openSearch } from "../rebuild/read-stores.ts";
import { untilTaken } from "./patience.ts";
import type { World } from "./stack-world.ts";

/** Whether what was sent after a fault has come as far as the fault had stood in its way. */
export type Arrival = (world: World, ticketId: string) => Promise<boolean>;

const RECOVERY_MS_MAX = 180_000;
const LOOK_MS = 250;
/** Looked through backwards: what is waited for is among the newest. */
const WEBHOOKS_MAX = 5_000;

/** The graph is asked about tickets that share a place. */
const AT_A_SITE = "The printer in building 12 takes no jobs.";
const VERDICTS: readonly string[] = ["ai.draft.review_required", "ai.draft.auto_approved"];

interface Event {
  readonly id: string;
  readonly type: string;
  readonly data: { readonly stores?: readonly { readonly store: string }[] };
}

const eventsOf = async ({ desk }: World, ticketId: string): Promise<readonly Event[]> =>
  (await untilTaken(() => desk.get<{ items: readonly Event[] }>(`/v1/events?ticket=${ticketId}&limit=100`))).items;

/** The way from enquiry to disposition is open. */
export const disposed: Arrival = async (world, ticketId) =>
  (await eventsOf(world, ticketId)).some(({ type }) => VERDICTS.includes(type));

/** The CRM has been told of it. */
export const toldToCrm: Arrival = ({ crm }, ticketId) =>
  Promise.resolve(
    crm
      .received()
      .slice(-WEBHOOKS_MAX)
      .some(({ body }) => body.includes(ticketId)),
  );

/** Evaluation has taken note of its verdict. */
export const evaluated: Arrival = async (world, ticketId) => {
  const verdicts = (await eventsOf(world, ticketId)).filter(({ type }) => VERDICTS.includes(type));
  const client = new pg.Client({ connectionString: world.stack.servers.postgres.url });
  try {
    await client.connect();
    const { rowCount } = await client.query("select from evaluation.inbox where event_id = any($1)", [
      verdicts.map(({ id }) => id),
    ]);
    return rowCount !== 0;
  } finally {
    await client.end();
  }
};

/** Analysts find the ticket. */
export const analysed: Arrival = async ({ stack }, ticketId) => {
  const { url } = stack.servers.opensearch;
  await openSearch(url, "POST", "/opsdesk-tickets/_refresh");
  const { hits } = await openSearch<{ hits: { hits: readonly object[] } }>(url, "POST", "/opsdesk-tickets/_search", {
    query: { term: { ticketId } },
  });
  return hits.hits.length > 0;
};

/** Its evidence comes from this store. An enquiry that is sent too early never gets there: another one is sent. */
export const answeredBy =
  (store: "opensearch" | "neo4j"): Arrival =>
  async (world) => {
    const { ticketId } = await world.submit({ text: AT_A_SITE });
    const end = Date.now() + RECOVERY_MS_MAX;
    while (Date.now() < end) {
      const retrieved = (await eventsOf(world, ticketId)).find(({ type }) => type === "context.retrieved");
      if (retrieved !== undefined) return (retrieved.data.stores ?? []).some((one) => one.store === store);
      await sleep(LOOK_MS);
    }
    return false;
  };

/** Waits until an enquiry that is sent now arrives. */
export async function recovered(world: World, fault: string, arrivals: readonly Arrival[]): Promise<void> {
  const { ticketId } = await world.submit();
  const end = Date.now() + RECOVERY_MS_MAX;
  for (const arrived of arrivals)
    while (!(await arrived(world, ticketId))) {
      if (Date.now() > end)
        return world.violation(
          `after "${fault}" an enquiry had not come as far as it should in ${RECOVERY_MS_MAX / 1_000} s`,
        );
      await sleep(LOOK_MS);
    }
}
