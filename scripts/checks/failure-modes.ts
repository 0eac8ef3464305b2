import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { filesBelow } from "./sources.ts";

/** `new RejectedError("code", …)` and `reject("code", …)`: a place that gives a failure its code. */
const RAISED = /\b(?:new (?:Transient|Rejected|Bug)Error(?:<[^>]*>)?|reject)\(\s*["'`]([a-z][a-z0-9_.]*)["'`]/g;
/** `type …Code = "a" | "b"`: a closed list. */
const LISTED = /\btype \w*ErrorCode\w* =([^;]*);/g;

function codesIn(source: string): readonly string[] {
  const listed = [...source.matchAll(LISTED)].flatMap(([, list = ""]) => [
    ...list.matchAll(/["']([a-z][a-z0-9_.]*)["']/g),
  ]);
  return [...source.matchAll(RAISED), ...listed].map(([, code = ""]) => code);
}

/** Codes that a service can raise but whose page, docs/services/<name>/failure-modes.md, has no heading for. */
export function failureModeProblems(root: string): readonly string[] {
  const services = join(root, "services");
  if (!existsSync(services)) return [];
  return readdirSync(services).flatMap((service) => {
    const folder = join(services, service);
    const codes = new Set(
      filesBelow(folder, /^src\/(?!.*\.(test|contract)\.ts$).*\.ts$/).flatMap((file) =>
        codesIn(readFileSync(join(folder, file), "utf8")),
      ),
    );
    const page = [`docs/services/${service}/failure-modes.md`, `services/${service}/failure-modes.md`].find((file) =>
      existsSync(join(root, file)),
    );
    if (page === undefined)
      return codes.size === 0 ? [] : [`services/${service}: has error codes but no failure-modes.md`];
    const headings = new Set(
      [...readFileSync(join(root, page), "utf8").matchAll(/^#{2,6}\s+`?([a-z][a-z0-9_.]*)`?/gm)].map(
        ([, code]) => code,
      ),
    );
    return [...codes].filter((code) => !headings.has(code)).map((code) => `${page}: no heading for ${code}`);
  });
}
