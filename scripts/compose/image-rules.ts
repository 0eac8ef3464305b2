import { validate } from "dockerfile-utils";

/** What the Dockerfile must agree with. */
export interface Pins {
  /** As package.json's `packageManager` says. */
  readonly pnpm: string;
  /** As scripts/bootstrap installs it. */
  readonly node: string;
}

/** Wrong instructions, versions that are not the checkout's own, and an image that runs as root or unwatched. */
export function imageProblems(dockerfile: string, pins: Pins): readonly string[] {
  const instructions = validate(dockerfile).map(
    ({ message, range }) =>
      `Dockerfile:${String(range.start.line + 1)}: ${typeof message === "string" ? message : message.value}`,
  );
  const last = dockerfile.slice(dockerfile.lastIndexOf("\nFROM "));
  const must: readonly (readonly [boolean, string])[] = [
    [dockerfile.includes(` pnpm@${pins.pnpm}\n`), `does not install pnpm ${pins.pnpm}`],
    [dockerfile.includes(`\nARG NODE_IMAGE=node:${pins.node}-`), `is not built on Node ${pins.node}`],
    [/\nUSER [1-9]\d*:[1-9]\d*\n/.test(last), "does not end as a numbered user that is not root"],
    [/\nHEALTHCHECK /.test(last), "has no HEALTHCHECK"],
    [
      !/\b(ARG|ENV)\s+\w*(PASSWORD|SECRET|TOKEN|_KEY)/.test(dockerfile),
      "takes a secret, which would stay in the image",
    ],
  ];
  return [...instructions, ...must.filter(([holds]) => !holds).map(([, problem]) => `Dockerfile: ${problem}`)];
}
