import { contentHash } from "@opsdesk/identity";
import { RETRIEVAL_V1 } from "./retrieval-policy.ts";
import { termsOf } from "./terms.ts";
import { type ChunkSignals, judgeEvidence, strengthOf } from "./weak-evidence.ts";

const thresholds = RETRIEVAL_V1.evidence;
const chunk = (text: string, similarity: number, namesIdentifier = false): ChunkSignals => ({
  terms: new Set(termsOf(text, "en")),
  similarity,
  namesIdentifier,
});
const query = (text: string): Set<string> => new Set(termsOf(text, "en"));
const PLAYBOOK =
  "Wi-Fi playbook › Drops at fixed times. When the Wi-Fi drops every day at the same time, the access point in the office changes its channel.";

describe("judgeEvidence", () => {
  it("is weak when nothing was found", () => {
    expect(judgeEvidence(query("wifi drops"), [], thresholds)).toEqual({
      weak: true,
      reason: "nothing_found",
      strength: 0,
      strengths: [],
    });
  });

  it("takes a chunk that says what the question asks", () => {
    expect(
      judgeEvidence(query("Wi-Fi drops every day at the same time"), [chunk(PLAYBOOK, 0.4)], thresholds).weak,
    ).toBe(false);
  });

  it("does not ask of a chunk that it covers a long message whole", () => {
    const message = `Good morning, our team in the office has trouble: the Wi-Fi drops every day around 2 pm. We tried many different unrelated remedies, cables, reboots, prayers, complaints and coffee. Kind regards, Dana from accounting`;
    expect(judgeEvidence(query(message), [chunk(PLAYBOOK, 0.3)], thresholds).weak).toBe(false);
  });

  it("never trusts similarity alone", () => {
    expect(judgeEvidence(query("restaurant for a birthday dinner"), [chunk(PLAYBOOK, 0.99)], thresholds)).toMatchObject(
      { weak: true, strength: 0 },
    );
    expect(judgeEvidence(query("what time is dinner on friday"), [chunk(PLAYBOOK, 0.99)], thresholds)).toMatchObject({
      weak: true,
    });
  });

  it("takes the identifier that was asked about, whatever else the message says", () => {
    expect(
      judgeEvidence(
        query("0x80070005 appeared"),
        [chunk("Error 0x80070005: renew the certificate", 0, true)],
        thresholds,
      ).weak,
    ).toBe(false);
  });

  it("is weak for a query without content words", () => {
    expect(judgeEvidence(query("is it the or"), [chunk(PLAYBOOK, 1)], thresholds).weak).toBe(true);
  });

  it("asks a one-word query for that word", () => {
    expect(strengthOf(query("channel"), chunk(PLAYBOOK, 0.1), thresholds)).toBeCloseTo(1.2);
    expect(strengthOf(query("printer"), chunk(PLAYBOOK, 0.1), thresholds)).toBe(0);
  });

  it("rises with words in common and with similarity, and ignores a negative one", () => {
    const words = query("Wi-Fi access point channel office printer");
    expect(strengthOf(words, chunk(PLAYBOOK, 0.5), thresholds)).toBeGreaterThan(
      strengthOf(words, chunk(PLAYBOOK, 0.2), thresholds),
    );
    expect(strengthOf(words, chunk(PLAYBOOK, 0.2), thresholds)).toBeGreaterThan(
      strengthOf(words, chunk("access point", 0.2), thresholds),
    );
    expect(strengthOf(words, chunk(PLAYBOOK, -1), thresholds)).toBe(strengthOf(words, chunk(PLAYBOOK, 0), thresholds));
  });
});

describe("retrieval policies", () => {
  it("never change under their id: another value needs another policy", () => {
    expect([RETRIEVAL_V1.id, contentHash(RETRIEVAL_V1)]).toEqual([
      "retrieval-v1",
      "6d7095e8c97874a131dff5f7d127e57711495afa35c7497e1c9327f4758f08a4",
    ]);
  });
});
