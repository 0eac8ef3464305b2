import { cruise } from "dependency-cruiser";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { boundaryRules } from "./boundary-rules.ts";
import { filesBelow } from "./sources.ts";

export interface Crossing {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

export interface BoundaryReading {
  readonly crossings: readonly Crossing[];
  /** Sources on disk that the reader did not read. dependency-cruiser without a parser for `.ts` reads none and is content. */
  readonly unread: readonly string[];
  readonly read: number;
}

/** Reads every import below a checkout's source folders and answers with those that cross a boundary. */
export async function readBoundaries(checkout: string): Promise<BoundaryReading> {
  const folders = ["schemas", "packages", "services", "apps"].filter((folder) => existsSync(join(checkout, folder)));
  const { output } = await cruise(folders, {
    baseDir: checkout,
    // TypeScript 7 has no parser API that dependency-cruiser knows; swc reads the same syntax.
    parser: "tsc",
    tsPreCompilationDeps: true,
    doNotFollow: { path: "(^|/)node_modules/" },
    exclude: { path: "(^|/)(node_modules/.*/node_modules/|dist/)" },
    combinedDependencies: false,
    validate: true,
    ruleSet: { forbidden: [...boundaryRules] },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      extensions: [".ts", ".mjs", ".js", ".json"],
    },
  });
  if (typeof output === "string") throw new TypeError("dependency-cruiser answered with text instead of a result");
  const read = new Set(output.modules.map((module) => module.source));
  const onDisk = folders.flatMap((folder) =>
    filesBelow(join(checkout, folder), /(?<!\.d)\.ts$/).map((file) => `${folder}/${file}`),
  );
  return {
    crossings: output.summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to })),
    unread: onDisk.filter((file) => !read.has(file)),
    read: onDisk.filter((file) => read.has(file)).length,
  };
}
