import { type Outcome, done, ignore } from "@opsdesk/messaging/outcome";
import type { ExamplesSubmitted } from "@opsdesk/schemas/examples-submitted";
import { clip } from "./clip.ts";
import { type Lesson, lesson } from "./learn.ts";
import { isShadow } from "./ticket.ts";

export interface ExampleRows {
  readonly lessons: readonly Lesson[];
  readonly part: { readonly tenant: string; readonly set: string; readonly part: number };
}

const TEXT_CHARACTERS_MAX = 4_000;

/** Keeps a part of a set of examples. The part that completes the set, whichever that is, sends the training. */
export function collectExamples(
  { examples, part, parts, set }: ExamplesSubmitted,
  known: ReadonlySet<number>,
  tenant: string,
  at: string,
): Outcome<ExampleRows> {
  if (isShadow(tenant)) return ignore("shadow_never_learns");
  const present = new Set([...known, part]);
  return done({
    rows: {
      lessons: examples.flatMap(({ categoryId, text }) => {
        const read = clip(text.trim(), TEXT_CHARACTERS_MAX);
        return read === "" ? [] : [lesson(tenant, read, categoryId, "submitted", at)];
      }),
      part: { tenant, set, part },
    },
    jobs: present.size >= parts ? [{ queue: "router.train", key: tenant, data: { set } }] : [],
  });
}
