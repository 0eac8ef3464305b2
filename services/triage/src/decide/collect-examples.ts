import { awaitDesk } from "./begin-turn.ts";
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

interface KnownParts {
  readonly tenant: string;
  readonly parts: ReadonlySet<number>;
  /** 0 until the desk's first event has arrived. */
  readonly deskVersion: number;
}

/** Keeps a part of a set of examples. The part that completes the set, whichever that is, sends the training. */
export function collectExamples(
  { deskVersion = 0, examples, part, parts, set }: ExamplesSubmitted,
  known: KnownParts,
  at: string,
): Outcome<ExampleRows> {
  const { tenant } = known;
  if (isShadow(tenant)) return ignore("shadow_never_learns");
  // By an older desk, labels of its new categories would be left out, and nothing would ask to train again.
  if (known.deskVersion < deskVersion) return awaitDesk(tenant);
  const present = new Set([...known.parts, part]);
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
