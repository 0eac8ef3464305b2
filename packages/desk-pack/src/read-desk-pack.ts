import { buildPack, type PackDesk, type PackDocument, type PackExample } from "./build-pack.ts";
import { checkExamples } from "./check-examples.ts";
import { checkIntegrations } from "./check-integrations.ts";
import { checkPolicy } from "./check-policy.ts";
import { checkReferences } from "./check-references.ts";
import { checkScenarios } from "./check-scenarios.ts";
import { checkSlots } from "./check-slots.ts";
import { checkFiles, filesHash } from "./files.ts";
import { collectNames } from "./names.ts";
import { readFiles } from "./pack-files.ts";
import { type PackProblem, problemList } from "./problems.ts";

export interface DeskPack {
  readonly desk: PackDesk;
  readonly examples: readonly PackExample[];
  readonly documents: readonly PackDocument[];
  /** Of all files that the pack consists of. */
  readonly filesHash: string;
}

export type ReadResult = { readonly pack: DeskPack } | { readonly problems: readonly PackProblem[] };

/**
 * Reads a desk pack from its files (relative POSIX path → text), or lists everything that is wrong with it.
 * Pure, and safe for files from a stranger: it never throws for what they contain.
 */
export function readDeskPack(files: ReadonlyMap<string, string>): ReadResult {
  const { report, sorted } = problemList();
  const checked = checkFiles(files, report);
  const read = readFiles(checked, report);
  const names = collectNames(read, report);
  checkReferences(read, names, report);
  for (const check of [checkSlots, checkIntegrations, checkExamples, checkPolicy, checkScenarios]) check(read, report);
  const problems = sorted();
  return problems.length > 0 ? { problems } : { pack: { ...buildPack(read), filesHash: filesHash(checked) } };
}
