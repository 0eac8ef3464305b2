export type { PackDesk, PackDocument, PackExample } from "./build-pack.ts";
export { SYSTEM_SLOTS } from "./check-slots.ts";
export { GATE_RULES } from "./gate-rules.ts";
export { type PackProblem, PROBLEM_CODES, type ProblemCode } from "./problems.ts";
export { type DeskPack, readDeskPack, type ReadResult } from "./read-desk-pack.ts";
export { SHADOW_SUFFIX, shadowOf } from "./shadow-of.ts";
