import { canonicalJson, sha256Hex } from "@opsdesk/identity";
import { type GateDecision, GATE_VERSION, decideGate } from "./gate.ts";
import type { GateInputs } from "./gate-inputs.ts";

/** A decision as it was stored: canonical JSON of what went in and what came out, with their hashes. */
export interface StoredDecision {
  readonly gateVersion: string;
  /** Null when a customer's data has been erased: the hashes stay. */
  readonly inputs: string | null;
  readonly inputsHash: string;
  readonly decision: string;
  readonly decisionHash: string;
}

export type Replay =
  | { readonly result: "same"; readonly gateVersion: string; readonly decisionHash: string }
  | { readonly result: "altered"; readonly what: "inputs" | "decision" }
  | { readonly result: "erased" }
  | {
      readonly result: "different";
      readonly storedVersion: string;
      readonly gateVersion: string;
      readonly verdict: { readonly stored: string; readonly now: string };
      /** Rule ids: fired only then, only now, or both times with other words. */
      readonly onlyStored: readonly string[];
      readonly onlyNow: readonly string[];
      readonly otherWords: readonly string[];
    };

/** Decides, and gives the decision also in the form in which it is kept. */
export function decideAndKeep(inputs: GateInputs): {
  readonly decision: GateDecision;
  readonly kept: StoredDecision & { readonly inputs: string };
} {
  const text = canonicalJson(inputs);
  const decision = decideGate(inputs, text);
  const decisionText = canonicalJson(decision);
  return {
    decision,
    kept: {
      gateVersion: decision.gateVersion,
      inputs: text,
      inputsHash: decision.inputsHash,
      decision: decisionText,
      decisionHash: sha256Hex(decisionText),
    },
  };
}

/** Decides again from what was stored: the same, byte for byte, or the difference by rule. */
export function replay(was: StoredDecision): Replay {
  if (was.inputs === null) return { result: "erased" };
  if (sha256Hex(was.inputs) !== was.inputsHash) return { result: "altered", what: "inputs" };
  if (sha256Hex(was.decision) !== was.decisionHash) return { result: "altered", what: "decision" };
  // Both were written by `decideAndKeep` and their hashes hold, so their shapes do.
  const before = JSON.parse(was.decision) as GateDecision;
  const now = decideGate(JSON.parse(was.inputs) as GateInputs);
  if (canonicalJson(now) === was.decision)
    return { result: "same", gateVersion: GATE_VERSION, decisionHash: was.decisionHash };
  const then = new Map(before.reasons.map(({ rule, words }) => [rule, words]));
  const today = new Map(now.reasons.map(({ rule, words }) => [rule, words]));
  return {
    result: "different",
    storedVersion: was.gateVersion,
    gateVersion: GATE_VERSION,
    verdict: { stored: before.verdict, now: now.verdict },
    onlyStored: [...then.keys()].filter((rule) => !today.has(rule)),
    onlyNow: [...today.keys()].filter((rule) => !then.has(rule)),
    otherWords: [...then].filter(([rule, words]) => today.has(rule) && today.get(rule) !== words).map(([rule]) => rule),
  };
}
