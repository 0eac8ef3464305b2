import type { Database } from "@opsdesk/database";
import { InboxFloors } from "./inbox-floors.ts";

const DAY_MS = 86_400_000;
const MARKED = Date.parse("2026-10-01T00:00:00Z");
const floor = { consumer: "ingest.work", topic: "a", partition: 0, offset: 5, marked_at: new Date(MARKED) };

/** Of a slice with this floor, and a later one of another partition. */
async function loaded(): Promise<InboxFloors> {
  const rows = [floor, { ...floor, partition: 1, marked_at: new Date(MARKED + 9 * DAY_MS) }];
  const floors = new InboxFloors();
  // All that is asked of it.
  await floors.load({ query: () => Promise.resolve(rows) } as unknown as Database, "ingest");
  return floors;
}

const record = (offset: number, timestamp: number) => ({
  topic: "a",
  partition: 0,
  offset,
  timestamp,
  key: null,
  headers: {},
  value: "",
});

describe("the floors of an inbox", () => {
  it("hold below an offset, for records that are as old", async () => {
    const floors = await loaded();
    expect(floors.covers("ingest.work", record(4, MARKED))).toBe(true);
    expect(floors.covers("ingest.work", record(5, MARKED))).toBe(false);
    expect(floors.covers("ingest.work", record(4, MARKED + 2 * DAY_MS))).toBe(false);
    expect(floors.covers("ingest.other", record(4, MARKED))).toBe(false);
  });

  it("hold for inputs that were kept before the earliest of them, since an input is in no partition", async () => {
    const floors = await loaded();
    expect(floors.coversInput("ingest.work", MARKED)).toBe(true);
    expect(floors.coversInput("ingest.work", MARKED + 2 * DAY_MS)).toBe(false);
    expect(floors.coversInput("ingest.other", MARKED)).toBe(false);
  });
});
