import { type Database, type Read, sql } from "@opsdesk/database";

interface DeskEndpoint {
  readonly tenant: string;
  readonly endpointId: string;
  readonly name: string;
}

/** The endpoints that a desk pack declares. */
export const deskEndpoints = (read: Read): Promise<readonly DeskEndpoint[]> =>
  read.query<DeskEndpoint>(
    sql`select tenant, endpoint_id as "endpointId", name from webhook.webhook_endpoints where origin = 'desk' and status <> 'deleted'`,
  );

interface Adopted {
  readonly tenant: string;
  readonly endpointId: string;
  readonly secretId: string;
  readonly sealed: string;
}

/**
 * Gives endpoints the secrets that the operator has configured since: the earlier ones sign along until
 * `overlapEndsAt`, and an endpoint that only lacked a secret is called again. Repeating it changes nothing.
 */
export async function adoptSecrets(
  database: Database,
  secrets: readonly Adopted[],
  now: string,
  overlapEndsAt: string,
): Promise<void> {
  const given = sql`unnest(${secrets.map((one) => one.tenant)}::text[], ${secrets.map((one) => one.endpointId)}::text[],
    ${secrets.map((one) => one.secretId)}::text[], ${secrets.map((one) => one.sealed)}::text[]) u(tenant, endpoint_id, secret_id, sealed)`;
  await database.transaction(async (tx) => {
    await tx.query(sql`update webhook.endpoint_secrets s set expires_at = ${overlapEndsAt}::timestamptz from ${given}
      where s.tenant = u.tenant and s.endpoint_id = u.endpoint_id and s.expires_at is null
        and not exists (select from webhook.endpoint_secrets k where k.tenant = u.tenant and k.endpoint_id = u.endpoint_id and k.secret_id = u.secret_id)`);
    await tx.query(sql`insert into webhook.endpoint_secrets (tenant, endpoint_id, secret_id, sealed, created_at)
      select u.tenant, u.endpoint_id, u.secret_id, u.sealed, ${now}::timestamptz from ${given} on conflict do nothing`);
    await tx.query(sql`update webhook.webhook_endpoints e set status = 'enabled', disabled_reason = null, disabled_detail = null, version = e.version + 1, updated_at = ${now}::timestamptz
      from ${given} where e.tenant = u.tenant and e.endpoint_id = u.endpoint_id and e.status = 'disabled' and e.disabled_reason = 'secret_missing'`);
  });
}
