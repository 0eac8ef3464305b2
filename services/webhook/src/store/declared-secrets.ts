import { type Database, sql } from "@opsdesk/database";

/**
 * Gives endpoints that a desk declared the secrets that the operator has configured since: the earlier ones sign along
 * until `overlapEndsAt`, and an endpoint that only lacked a secret is called again. Repeating it changes nothing.
 */
export async function adoptSecrets(
  database: Database,
  secrets: readonly { readonly name: string; readonly secretId: string; readonly sealed: string }[],
  now: string,
  overlapEndsAt: string,
): Promise<void> {
  const named = sql`unnest(${secrets.map((one) => one.name)}::text[], ${secrets.map((one) => one.secretId)}::text[], ${secrets.map((one) => one.sealed)}::text[]) u(name, secret_id, sealed)`;
  const mine = sql`e.origin = 'desk' and e.status <> 'deleted' and regexp_replace(upper(e.name), '[^A-Z0-9]', '_', 'g') = u.name`;
  await database.transaction(async (tx) => {
    await tx.query(sql`update webhook.endpoint_secrets s set expires_at = ${overlapEndsAt}::timestamptz
      from webhook.webhook_endpoints e join ${named} on ${mine}
      where s.tenant = e.tenant and s.endpoint_id = e.endpoint_id and s.expires_at is null
        and not exists (select from webhook.endpoint_secrets k where k.tenant = e.tenant and k.endpoint_id = e.endpoint_id and k.secret_id = u.secret_id)`);
    await tx.query(sql`insert into webhook.endpoint_secrets (tenant, endpoint_id, secret_id, sealed, created_at)
      select e.tenant, e.endpoint_id, u.secret_id, u.sealed, ${now}::timestamptz from webhook.webhook_endpoints e join ${named} on ${mine} on conflict do nothing`);
    await tx.query(sql`update webhook.webhook_endpoints e set status = 'enabled', disabled_reason = null, disabled_detail = null, version = e.version + 1, updated_at = ${now}::timestamptz
      from ${named} where ${mine} and e.status = 'disabled' and e.disabled_reason = 'secret_missing'`);
  });
}
