import { sha256Hex } from "@opsdesk/identity";
import { aSource, NOW } from "../testing/fixtures.ts";
import { afterSubmission, type KnownSource, submitSource } from "./submit-source.ts";

const submit = (source = aSource(), known?: KnownSource, tenant = "it-helpdesk") =>
  submitSource(tenant, source, known, NOW);
function knownAfter(source = aSource()): KnownSource {
  const outcome = submit(source);
  if (outcome.outcome !== "done" || outcome.effects.rows === undefined) throw new Error("not submitted");
  return afterSubmission(outcome.effects.rows);
}
const blob = (ref: string, bytes = 10) => {
  const sha256 = "a".repeat(64);
  const { content: _, ...rest } = aSource({ contentHash: sha256 });
  return { ...rest, blob: { ref, sha256, bytes, contentType: "text/markdown" } };
};

describe("submitSource", () => {
  it("makes the first version and one job that indexes it", () => {
    expect(submit()).toMatchObject({
      outcome: "done",
      effects: {
        rows: { version: 1, seenRevision: null, validFrom: NOW },
        jobs: [
          {
            queue: "knowledge.ingest",
            key: "it-helpdesk:wifi-playbook",
            data: { sourceId: "wifi-playbook", version: 1 },
          },
        ],
        reply: { status: "submitted" },
      },
    });
  });

  it("changes nothing for the same content under the same conditions", () => {
    expect(submit(aSource(), knownAfter())).toMatchObject({
      outcome: "ignore",
      reason: "source_unchanged",
      reply: { version: 1, status: "unchanged" },
    });
  });

  it("makes a new version of changed words, and of a changed audience", () => {
    expect(submit(aSource({ content: "# Other" }), knownAfter())).toMatchObject({
      effects: { rows: { version: 2, seenRevision: 1 } },
    });
    expect(submit(aSource({ audience: "staff" }), knownAfter())).toMatchObject({
      effects: { rows: { version: 2, audience: "staff" } },
    });
  });

  it("brings back what was retired, and tries again what failed", () => {
    expect(submit(aSource(), { ...knownAfter(), retired: true })).toMatchObject({
      outcome: "done",
      effects: { rows: { version: 2 } },
    });
    expect(submit(aSource(), { ...knownAfter(), failed: true })).toMatchObject({
      outcome: "done",
      effects: { rows: { version: 2 } },
    });
  });

  it("does not tell inline content from the same content in a blob", () => {
    const content = aSource().content ?? "";
    const { content: _, ...rest } = aSource();
    const sha256 = sha256Hex(content);
    expect(
      submit(
        {
          ...rest,
          blob: { ref: `it-helpdesk/${sha256}`, sha256, bytes: content.length, contentType: "text/markdown" },
        },
        knownAfter(),
      ),
    ).toMatchObject({ outcome: "ignore" });
  });

  it("refuses what is not what it says", () => {
    expect(submit(aSource({ contentHash: "0".repeat(64) }))).toMatchObject({
      outcome: "reject",
      code: "content_hash_mismatch",
    });
    expect(submit(aSource({ content: "a\u0000b" }))).toMatchObject({ outcome: "reject", code: "content_not_text" });
    expect(submit(aSource({ title: "a\u0000b" }))).toMatchObject({ outcome: "reject", code: "content_not_text" });
    const { content: _, ...rest } = aSource();
    expect(submit(rest)).toMatchObject({ outcome: "reject", code: "content_missing" });
    expect(submit({ ...blob(`it-helpdesk/${"a".repeat(64)}`), contentHash: "b".repeat(64) })).toMatchObject({
      outcome: "reject",
      code: "content_hash_mismatch",
    });
    expect(submit(blob(`it-helpdesk/${"a".repeat(64)}`, 5_000_000))).toMatchObject({
      outcome: "reject",
      code: "content_too_large",
    });
  });

  it("reads no other tenant's blob, but a shadow reads those of its own tenant", () => {
    const ref = `it-helpdesk/${"a".repeat(64)}`;
    expect(submit(blob(ref), undefined, "it-helpdesk~eval")).toMatchObject({ outcome: "done" });
    for (const tenant of ["other", "it-helpdesk-2", "it-helpdesk-2~eval", "it"])
      expect(submit(blob(ref), undefined, tenant)).toMatchObject({ outcome: "reject", code: "blob_foreign" });
    expect(submit(blob(`it-helpdesk~eval/${"a".repeat(64)}`))).toMatchObject({
      outcome: "reject",
      code: "blob_foreign",
    });
  });
});
