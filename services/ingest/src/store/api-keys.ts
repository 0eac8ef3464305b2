import { type Read, sql } from "@opsdesk/database";

export interface KeyHolderRow {
  readonly keyId: string;
  readonly tenant: string;
  readonly scopes: readonly string[];
}

/** Whose API key has this SHA-256. */
export async function holderOfKey(read: Read, sha256: string): Promise<KeyHolderRow | undefined> {
  const [row] = await read.query<KeyHolderRow>(
    sql`select key_id as "keyId", tenant, scopes from ingest.api_keys where sha256 = ${sha256}`,
  );
  return row;
}
