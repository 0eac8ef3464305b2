import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Envelope } from "../envelope.ts";

/** For tests of producers and consumers: every example event of this package, read from its files. */
const EXAMPLES = join(import.meta.dirname, "../../examples");

export interface ValidExample {
  readonly name: string;
  readonly event: Envelope;
}

export interface InvalidExample {
  readonly name: string;
  readonly why: string;
  /** JSON pointer to the place in `event` that is wrong. */
  readonly path: string;
  /** True where only a producer must refuse it: a tolerant reader takes it for a later minor version. */
  readonly readersAccept?: boolean;
  /** Not an `Envelope`: that is the point of it. */
  readonly event: Readonly<Record<string, unknown>> & { readonly type: string };
}

function read(
  prefix: string,
  type: string | undefined,
): readonly { readonly name: string; readonly content: object }[] {
  const types = type === undefined ? readdirSync(EXAMPLES) : [type];
  return types.flatMap((folder) =>
    readdirSync(join(EXAMPLES, folder))
      .filter((file) => file.startsWith(prefix))
      .map((file) => ({
        name: `${folder}/${file}`,
        content: JSON.parse(readFileSync(join(EXAMPLES, folder, file), "utf8")) as object,
      })),
  );
}

/** Events that producers may write and consumers must accept; of one type, or of all. */
export const validExamples = (type?: string): readonly ValidExample[] =>
  // The examples' own test checks that each file is what its name says.
  read("valid-", type).map(({ name, content }) => ({ name, event: content as Envelope }));

/** Events that no producer may write, each with what is wrong and where; of one type, or of all. */
export const invalidExamples = (type?: string): readonly InvalidExample[] =>
  read("invalid-", type).map(({ name, content }) => ({ name, ...(content as Omit<InvalidExample, "name">) }));
