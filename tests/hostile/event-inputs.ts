import type { OutgoingRecord } from "@opsdesk/messaging";
import { topicCatalogue } from "@opsdesk/schemas";
import { validExamples } from "@opsdesk/schemas/examples";
import { pick } from "../faults/random.ts";

export interface EventInput {
  readonly what: string;
  readonly record: OutgoingRecord;
  /** Stands in every consumer's inbox when the record could be read; its place in the log does when not. */
  readonly id: string;
  /** Whether every consumer must park it; otherwise what it says decides. */
  readonly refuse: boolean;
}

/** A business that nobody has made: what is well formed is taken for it and harms nobody. */
export const NOBODY = "nobody-here";

type Json = Record<string, unknown>;

/** Hostile records for every topic that there is. */
export function eventInputs(tenant: string, random: () => number): readonly EventInput[] {
  let number = 0;
  return topicCatalogue.flatMap((topic) => {
    const examples = validExamples(topic.eventType);
    const inputs: EventInput[] = [];
    const fresh = (of: string): { id: string; event: Json } => {
      const id = `hostile-${topic.name}-${String((number += 1))}`;
      return { id, event: { ...structuredClone(pick(random, examples).event), id, source: "/hostile", tenantid: of } };
    };
    const raw = (what: string, value: string, refuse = true, id = "", headers: Record<string, string> = {}): void =>
      void inputs.push({
        what: `${topic.name}: ${what}`,
        record: { topic: topic.name, key: pick(random, [null, "key", "\uD800", "k".repeat(300)]), headers, value },
        id,
        refuse,
      });
    const changed = (what: string, change: (event: Json) => unknown, refuse = true, of = tenant): void => {
      const { id, event } = fresh(of);
      raw(what, JSON.stringify(change(event)), refuse, id);
    };

    raw("not JSON", pick(random, ["", "{", "nul", '{"id":', "\uFFFF", "<xml/>", "\uD800"]));
    raw("no object", pick(random, ["null", "[]", "42", '"text"', "[{}]", "[".repeat(5_000) + "]".repeat(5_000)]));
    changed("another type", (event) => ({
      ...event,
      type: pick(random, ["ticket.exploded", "", 5, null, "constructor"]),
    }));
    changed("another major version", (event) => ({ ...event, schemaversion: pick(random, ["2.0", "99.1", "x", 1]) }));
    const attribute = pick(random, ["id", "source", "type", "data"]);
    changed(`without ${attribute}`, (event) => ({ ...event, [attribute]: undefined }));
    changed("a tenant of another form", (event) => ({
      ...event,
      tenantid: pick(random, ["", "UPPER", "a/b", "../x", "x".repeat(200), 7, null, "a\u0000", "~eval"]),
    }));
    changed("data that is none", (event) => ({ ...event, data: pick(random, [null, [], "text", 1, true]) }));
    const { id, event } = fresh(tenant);
    raw(
      "far too large",
      JSON.stringify({ ...event, data: { ...(event["data"] as Json), padding: "x".repeat(300_000) } }),
      true,
      id,
    );
    changed("an id with NUL or half a character", (one) => ({
      ...one,
      id: pick(random, ["a\u0000b", "\uD800", "x".repeat(5_000), "", 1, {}]),
    }));
    // Well formed as far as a schema can tell, and meant for nobody.
    for (let time = 0; time < 3; time += 1) {
      const { id: given, event: strange } = fresh(NOBODY);
      const where = mutate(strange["data"] as Json, random);
      raw(`data with ${where}`, JSON.stringify(strange), false, given);
    }
    changed("unknown attributes", (one) => ({ ...one, ["x".repeat(50)]: "x", __proto: { a: 1 } }), false, NOBODY);
    const { id: binary, event: inHeaders } = fresh(NOBODY);
    raw("a binary envelope with wrong headers", JSON.stringify(inHeaders["data"]), true, binary, {
      "content-type": "application/json",
      ce_specversion: "1.0",
      ce_id: binary,
      ce_type: "no.such",
      ce_source: "/hostile",
    });
    return inputs;
  });
}

/** Puts something strange somewhere into a payload; answers what and where. */
function mutate(data: Json, random: () => number): string {
  const places: { holder: Json; name: string }[] = [];
  const walk = (holder: Json, depth: number): void => {
    for (const [name, value] of Object.entries(holder)) {
      places.push({ holder, name });
      if (depth < 4 && typeof value === "object" && value !== null) walk(value as Json, depth + 1);
    }
  };
  walk(data, 0);
  if (places.length === 0) return "nothing changed";
  const { holder, name } = pick(random, places);
  const [what, value] = pick(random, [
    ["NUL", "a\u0000b"],
    ["half a character", "x\uD800y"],
    ["null", null],
    ["a number", -1e300],
    ["a list", [[[]]]],
    ["an object", { a: { b: {} } }],
    ["a long text", "y".repeat(100_000)],
    ["an empty text", ""],
    ["another reference", "../../etc/passwd"],
    ["nothing", undefined],
  ] as const);
  holder[name] = value;
  return `${what} in ${name}`;
}
