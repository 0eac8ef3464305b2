import { RejectedError } from "@opsdesk/errors";
import type { Environment } from "@opsdesk/service";

export interface Config {
  /** Hex SHA-256 of the key that makes businesses; without one, none can be made over HTTP. */
  readonly installKeySha256: string | undefined;
  /** How replies leave; absent: the CRM sends, and this only records. */
  readonly smtp: { readonly url: string; readonly from: string } | undefined;
  /** Keeps replies in memory instead of sending them. */
  readonly capture: boolean;
}

/** Throws RejectedError `config_invalid` that lists every problem at once. */
export function configure(environment: Environment): Config {
  const problems: string[] = [];
  const {
    INSTALL_KEY_SHA256: installKeySha256,
    SMTP_URL: smtpUrl,
    MAIL_FROM: mailFrom,
    REPLY_CHANNEL: channel,
  } = environment;
  if (installKeySha256 !== undefined && !/^[0-9a-f]{64}$/.test(installKeySha256))
    problems.push("INSTALL_KEY_SHA256 must be 64 lower-case hex digits");
  if (smtpUrl !== undefined && !/^smtps?:\/\/./.test(smtpUrl))
    problems.push("SMTP_URL must begin with smtp:// or smtps://");
  if (smtpUrl !== undefined && !/^[^@\s]+@[^@\s]+$/.test(mailFrom ?? ""))
    problems.push("MAIL_FROM must be the e-mail address that replies come from, because SMTP_URL is set");
  if (channel !== undefined && !["record", "smtp", "capture"].includes(channel))
    problems.push("REPLY_CHANNEL must be record, smtp or capture");
  if (channel === "smtp" && smtpUrl === undefined) problems.push("REPLY_CHANNEL=smtp needs SMTP_URL");
  if (problems.length > 0)
    throw new RejectedError("config_invalid", problems.join("; "), { publicMessage: problems.join("\n") });
  const sends = smtpUrl !== undefined && mailFrom !== undefined && (channel ?? "smtp") === "smtp";
  return Object.freeze({
    installKeySha256,
    smtp: sends ? { url: smtpUrl, from: mailFrom } : undefined,
    capture: channel === "capture",
  });
}
