import { createHmac, timingSafeEqual } from "node:crypto";

export interface Delivery {
  /** The body's exact bytes as text. */
  readonly body: string;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

/** What was found, worst first. `code` is stable. */
export interface Finding {
  readonly code:
    | "header_missing"
    | "timestamp_malformed"
    | "timestamp_in_milliseconds"
    | "clock_skew"
    | "secret_malformed"
    | "signature_malformed"
    | "signature_asymmetric_only"
    | "secret_not_decoded"
    | "body_reserialised"
    | "body_line_ends"
    | "body_trimmed"
    | "id_not_signed"
    | "secret_or_body_wrong";
  readonly message: string;
}

export interface Diagnosis {
  readonly verified: boolean;
  readonly findings: readonly Finding[];
}

const HEADERS = ["webhook-id", "webhook-timestamp", "webhook-signature"] as const;
const SKEW_SECONDS_MAX = 300;
const SECRET = /^(?:whsec_)?([A-Za-z0-9+/]{22,}={0,2})$/;

/** Whether a delivery verifies (Standard Webhooks), and if not, why: by trying what receivers commonly get wrong. */
export function diagnose({ body, headers }: Delivery, secret: string, nowSeconds: number): Diagnosis {
  const missing = HEADERS.filter((name) => (headers.get(name) ?? "") === "");
  if (missing.length > 0)
    return failed(
      missing.map((name) => ({
        code: "header_missing",
        message: `The header ${name} is missing. A proxy may drop headers that it does not know.`,
      })),
    );
  const [id = "", timestamp = "", signature = ""] = HEADERS.map((name) => headers.get(name));
  const key = SECRET.exec(secret.trim())?.[1];
  if (key === undefined)
    return failed([
      { code: "secret_malformed", message: "The secret is not whsec_ and base64: copy it whole, without quotes." },
    ]);
  const signatures = signature
    .split(" ")
    .filter((one) => one.startsWith("v1,"))
    .map((one) => one.slice(3));
  if (signatures.length === 0) {
    return failed([
      signature.includes("v1a,")
        ? {
            code: "signature_asymmetric_only",
            message: "The only signature is v1a (ed25519): verify it with the endpoint's public key instead.",
          }
        : {
            code: "signature_malformed",
            message: `webhook-signature must hold v1,<base64>, several separated by spaces; it is ${JSON.stringify(signature.slice(0, 80))}.`,
          },
    ]);
  }
  const bytes = Buffer.from(key, "base64");
  const fits = (keyBytes: Buffer, content: string): boolean =>
    signatures.some((one) => equal(one, createHmac("sha256", keyBytes).update(content).digest("base64")));
  const time = timeFindings(timestamp, nowSeconds);
  if (fits(bytes, `${id}.${timestamp}.${body}`)) return { verified: time.length === 0, findings: time };

  const found: Finding[] = [];
  const say = (code: Finding["code"], message: string): void => void found.push({ code, message });
  if (
    fits(Buffer.from(secret.trim()), `${id}.${timestamp}.${body}`) ||
    fits(Buffer.from(key), `${id}.${timestamp}.${body}`)
  )
    say("secret_not_decoded", "The sender took the secret's text as the key; it is base64 and must be decoded.");
  else if (
    [body.replaceAll("\r\n", "\n"), body.replaceAll(/\r?\n/g, "\r\n")].some((text) =>
      fits(bytes, `${id}.${timestamp}.${text}`),
    )
  )
    say("body_line_ends", "The signed body has other line ends: something rewrote them.");
  else if ([body.trim(), `${body}\n`, `${body}\r\n`].some((text) => fits(bytes, `${id}.${timestamp}.${text}`)))
    say("body_trimmed", "The signed body has other white space at its ends: something trimmed or added some.");
  else if (alike(body).some((text) => fits(bytes, `${id}.${timestamp}.${text}`)))
    say(
      "body_reserialised",
      "The signed body is the same JSON in another form: something parsed it and wrote it again. Verify the raw bytes, before any JSON parser.",
    );
  else if ([body, `${timestamp}.${body}`, `${id}.${body}`].some((text) => fits(bytes, text)))
    say("id_not_signed", "The sender signed other content than id.timestamp.body.");
  else
    say(
      "secret_or_body_wrong",
      "No usual mistake explains it: the secret is another endpoint's or an older one, or the body was changed on the way.",
    );
  return failed([...found, ...time]);
}

/** The same JSON as other programs would write it. */
function alike(body: string): readonly string[] {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return [];
  }
  const compact = JSON.stringify(value);
  const ascii = compact.replaceAll(
    /[\u007F-\uFFFF]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return [compact, JSON.stringify(value, null, 2), JSON.stringify(value, null, 4), ascii, spaced(value)];
}

/** As Python's json.dumps writes it: a space after "," and ":". */
function spaced(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(spaced).join(", ")}]`;
  if (typeof value === "object" && value !== null)
    return `{${Object.entries(value)
      .map(([name, held]) => `${JSON.stringify(name)}: ${spaced(held)}`)
      .join(", ")}}`;
  return JSON.stringify(value);
}

function timeFindings(timestamp: string, nowSeconds: number): readonly Finding[] {
  if (!/^\d{1,15}$/.test(timestamp))
    return [
      {
        code: "timestamp_malformed",
        message: `webhook-timestamp must be seconds since 1970; it is ${JSON.stringify(timestamp.slice(0, 40))}.`,
      },
    ];
  const seconds = Number(timestamp);
  if (seconds > 100_000_000_000)
    return [
      { code: "timestamp_in_milliseconds", message: "webhook-timestamp is in milliseconds; it must be in seconds." },
    ];
  const skew = Math.round(nowSeconds - seconds);
  if (Math.abs(skew) <= SKEW_SECONDS_MAX) return [];
  const where = skew > 0 ? `${skew} s old` : `${-skew} s in the future`;
  return [
    {
      code: "clock_skew",
      message: `webhook-timestamp is ${where}; receivers allow ${SKEW_SECONDS_MAX} s. Set this machine's clock, or, for a stored delivery, give the time it came with --at.`,
    },
  ];
}

const equal = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

const failed = (findings: readonly Finding[]): Diagnosis => ({ verified: false, findings });
