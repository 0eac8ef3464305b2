import { Sql, sql } from "@opsdesk/database";

/** The rows of this slice as its other layers know them. Times are RFC 3339. */
export interface EndpointRow {
  readonly tenant: string;
  readonly endpointId: string;
  readonly name: string;
  readonly url: string;
  readonly ownerId: string;
  readonly contact: string;
  readonly teamId: string | null;
  readonly events: readonly string[];
  readonly origin: "desk" | "http";
  readonly status: "enabled" | "disabled" | "deleted";
  readonly disabledReason: "secret_missing" | "operator" | "gone" | "failing" | null;
  readonly disabledDetail: string | null;
  readonly failingSince: string | null;
  readonly slowUntil: string | null;
  readonly sequence: number;
  readonly version: number;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface DeliveryRow {
  readonly tenant: string;
  readonly deliveryId: string;
  readonly endpointId: string;
  readonly lane: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly ticketId: string | null;
  readonly reference: string | null;
  readonly correlationId: string;
  readonly sequence: number;
  readonly previousId: string | null;
  readonly state: "due" | "waiting" | "delivered" | "failed" | "held";
  readonly attempts: number;
  readonly tries: number;
  readonly lastStatus: number | null;
  readonly lastCode: string | null;
  readonly lastHash: string | null;
  readonly nextAttemptAt: string | null;
  readonly finishedAt: string | null;
  readonly createdAt: string;
  readonly version: number;
}

export interface SecretRow {
  readonly secretId: string;
  readonly sealed: string;
  readonly expiresAt: string | null;
}

export interface AttemptRow {
  readonly tenant: string;
  readonly deliveryId: string;
  readonly attempt: number;
  readonly startedAt: string;
  readonly latencyMs: number;
  readonly code: string;
  readonly message: string;
  readonly status: number | null;
  readonly requestHeaders: string;
  readonly responseHeaders: string;
  readonly responseBody: string;
  readonly responseTruncated: boolean;
  readonly contentHash: string;
  readonly previousHash: string | null;
  readonly hash: string;
}

const ENDPOINT =
  "tenant endpointId name url ownerId contact teamId events origin status disabledReason disabledDetail failingSince:at slowUntil:at sequence version createdAt:at updatedAt:at";
const DELIVERY =
  "tenant deliveryId endpointId lane eventId eventType ticketId reference correlationId sequence previousId state attempts tries lastStatus lastCode lastHash nextAttemptAt:at finishedAt:at createdAt:at version";
const ATTEMPT =
  "tenant deliveryId attempt startedAt:at latencyMs code message status requestHeaders responseHeaders responseBody responseTruncated contentHash previousHash hash";

const columnOf = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const isoText = (expression: string): string =>
  `to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const fieldsOf = (list: string, alias: string): readonly { name: string; expression: string }[] =>
  list.split(" ").map((field) => {
    const [name = "", time] = field.split(":");
    const column = `${alias}.${columnOf(name)}`;
    return { name, expression: time === undefined ? column : isoText(column) };
  });

/** From our own lists alone; nothing from outside gets here. */
const text = (words: string): Sql => new Sql([words], []);
const selected =
  (list: string) =>
  (alias: string): Sql =>
    text(
      fieldsOf(list, alias)
        .map(({ name, expression }) => `${expression} as "${name}"`)
        .join(", "),
    );
const asJson =
  (list: string) =>
  (alias: string): Sql =>
    text(
      `json_build_object(${fieldsOf(list, alias)
        .map(({ name, expression }) => `'${name}', ${expression}`)
        .join(", ")})`,
    );

export const endpointColumns = selected(ENDPOINT);
export const endpointJson = asJson(ENDPOINT);
export const deliveryColumns = selected(DELIVERY);
export const deliveryJson = asJson(DELIVERY);
export const attemptColumns = selected(ATTEMPT);

const secretsWhere = (condition: Sql): Sql =>
  sql`(select coalesce(json_agg(json_build_object('secretId', s.secret_id, 'sealed', s.sealed, 'expiresAt', ${text(isoText("s.expires_at"))})
         order by s.expires_at desc nulls first, s.created_at desc), '[]'::json)
       from webhook.endpoint_secrets s where s.tenant = e.tenant and s.endpoint_id = e.endpoint_id and ${condition})`;

/** All secrets that endpoint `e` ever had, newest first, as JSON. */
export const allSecrets: Sql = secretsWhere(sql`true`);
/** Those that still sign at `now`. */
export const signingSecrets = (now: string): Sql =>
  secretsWhere(sql`(s.expires_at is null or s.expires_at > ${now}::timestamptz)`);
