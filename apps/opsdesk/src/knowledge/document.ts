import { basename, extname } from "node:path";
import { RejectedError } from "@opsdesk/errors";
import { parse } from "yaml";
import { slugOf, titleOf } from "../desk-init/names.ts";

export interface DocumentDefaults {
  readonly kind: string;
  readonly audience: string;
  readonly locale?: string;
}

const FRONT_MATTER = /^---\r?\n([\s\S]*?)\r?\n---(?:\r?\n|$)/;
const KNOWN = ["title", "kind", "audience", "locale", "product", "site", "uri", "validFrom", "validTo"] as const;
const DAY = /^\d{4}-\d\d-\d\d$/;

/**
 * The body of `POST /v1/knowledge/sources` for a file: front matter as in a desk pack where there is some, otherwise
 * its first heading and its name. The desk judges the values. Throws RejectedError `front_matter_invalid`.
 */
export function documentOf(file: string, text: string, defaults: DocumentDefaults): Readonly<Record<string, unknown>> {
  const name = basename(file, extname(file));
  const markdown = [".md", ".markdown"].includes(extname(file).toLowerCase());
  const unmarked = text.replace(/^\uFEFF/, "");
  const [matter, front] = (markdown ? FRONT_MATTER.exec(unmarked) : null) ?? ["", undefined];
  const given = front === undefined ? {} : frontOf(file, front);
  const content = unmarked.slice(matter.length);
  const heading = markdown ? /^#\s+(.+?)\s*#*$/m.exec(content)?.[1] : undefined;
  return {
    ...defaults,
    title: heading ?? titleOf(name),
    uri: basename(file),
    ...Object.fromEntries(KNOWN.flatMap((key) => (given[key] === undefined ? [] : [[key, momentOf(given[key])]]))),
    sourceId: typeof given["id"] === "string" ? given["id"] : slugOf(name),
    contentType: markdown ? "text/markdown" : "text/plain",
    content,
  };
}

function frontOf(file: string, front: string): Readonly<Record<string, unknown>> {
  const refuse = (why: string, cause?: unknown) => {
    const message = `${file}: the front matter ${why}`;
    return new RejectedError("front_matter_invalid", message, { cause, publicMessage: message });
  };
  let value: unknown;
  try {
    // A day stays the text that it is; aliases have no use here and can blow up.
    value = parse(front, { schema: "core", maxAliasCount: 0 });
  } catch (error) {
    throw refuse(`is not YAML: ${error instanceof Error ? error.message : String(error)}`, error);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw refuse("must be names with values.");
  return { ...value };
}

const momentOf = (value: unknown): unknown =>
  typeof value === "string" && DAY.test(value) ? `${value}T00:00:00Z` : value;
