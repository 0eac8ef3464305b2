import { RejectedError } from "@opsdesk/errors";
import type { Plan, PlannedUser } from "./plan.ts";

/** By user. A user without one keeps what it has; a new user needs one. */
export type Passwords = ReadonlyMap<string, string>;

/**
 * Long enough not to be guessed, and nothing that two implementations of SCRAM could prepare differently. A password is
 * never part of a message.
 */
const PASSWORD = /^[\x21-\x7e]{16,200}$/;

/** Reads the passwords of a plan's users. Throws RejectedError `config_invalid` that lists every problem at once. */
export function passwordsFrom(plan: Plan, environment: Readonly<Record<string, string | undefined>>): Passwords {
  const problems: string[] = [];
  const passwords = new Map<string, string>();
  for (const { name, passwordSetting } of plan.users) {
    const password = environment[passwordSetting] || undefined;
    if (password === undefined) continue;
    if (!PASSWORD.test(password))
      problems.push(`${passwordSetting} must be 16 to 200 printable ASCII characters without spaces`);
    passwords.set(name, password);
  }
  if (problems.length > 0) throw invalid(problems);
  return passwords;
}

/** Throws RejectedError `config_invalid` that names the setting of every user that is to be made without a password. */
export function expectPasswords(users: readonly PlannedUser[], passwords: Passwords): void {
  const missing = users.filter((user) => !passwords.has(user.name));
  if (missing.length > 0)
    throw invalid(missing.map((user) => `${user.passwordSetting} must be set to make the user ${user.name}`));
}

const invalid = (problems: readonly string[]) =>
  new RejectedError("config_invalid", problems.join("; "), { publicMessage: problems.join("\n") });
