import { type Read, sql } from "@opsdesk/database";
import type { Desk } from "@opsdesk/schemas/desk";

interface BusinessRow {
  readonly tenant: string;
  readonly version: number;
  readonly desk: Desk;
  readonly referencePrefix: string;
  readonly nextNumber: number;
}

/** The businesses of this installation, by tenant. */
export interface Businesses {
  /** A tenant without a business is absent. One small read a batch: desks are needed often and change rarely. */
  byTenant(read: Read, tenants: Iterable<string>): Promise<ReadonlyMap<string, BusinessRow>>;
  /**
   * The same, with `count` reference numbers for each tenant that no other batch of this process is given; they
   * begin at `nextNumber`. A batch that is not committed leaves a gap, as does a process that ends.
   */
  withNumbers(read: Read, counts: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, BusinessRow>>;
  /** Numbers up to this one have been given, whatever the row says. */
  skipNumbers(tenant: string, last: number): void;
}

interface Row {
  readonly tenant: string;
  readonly desk_version: number;
  readonly reference_prefix: string;
  readonly next_number: number;
}

/**
 * Batches of many partitions take numbers at the same time. Were each conditional on the counter's row, all but one
 * would have to be decided again; so numbers are handed out here, the row only remembers the highest, and the unique
 * reference makes the loser of two processes load again.
 */
export function businessesIn(): Businesses {
  const desks = new Map<string, { version: number; desk: Desk }>();
  const given = new Map<string, number>();

  async function byTenant(read: Read, tenants: Iterable<string>): Promise<ReadonlyMap<string, BusinessRow>> {
    const wanted = [...new Set(tenants)];
    const rows = await read.query<Row>(
      sql`select tenant, desk_version, reference_prefix, next_number from ingest.businesses where tenant = any(${wanted}::text[])`,
    );
    const stale = rows.filter((row) => desks.get(row.tenant)?.version !== row.desk_version).map((row) => row.tenant);
    if (stale.length > 0) {
      const bodies = await read.query<{ tenant: string; desk_version: number; desk: Desk }>(
        sql`select tenant, desk_version, desk from ingest.businesses where tenant = any(${stale}::text[])`,
      );
      for (const { tenant, desk_version: version, desk } of bodies) desks.set(tenant, { version, desk });
    }
    const found = new Map<string, BusinessRow>();
    for (const { tenant, reference_prefix: referencePrefix, next_number: nextNumber } of rows) {
      const known = desks.get(tenant);
      if (known !== undefined) found.set(tenant, { tenant, ...known, referencePrefix, nextNumber });
    }
    return found;
  }

  return {
    byTenant,
    skipNumbers(tenant, last) {
      given.set(tenant, Math.max(given.get(tenant) ?? 0, last + 1));
    },
    async withNumbers(read, counts) {
      const found = new Map(await byTenant(read, counts.keys()));
      for (const [tenant, business] of found) {
        const count = counts.get(tenant) ?? 0;
        if (count === 0) continue;
        const first = Math.max(business.nextNumber, given.get(tenant) ?? 0);
        given.set(tenant, first + count);
        found.set(tenant, { ...business, nextNumber: first });
      }
      return found;
    },
  };
}
