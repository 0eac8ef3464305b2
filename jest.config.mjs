import { availableParallelism } from "node:os";
import { kinds } from "./scripts/suites.mjs";

/** Which suites this run is for; see scripts/suites.mjs. An editor that starts jest itself gets those that need only Node. */
const kindName = process.env.OPSDESK_SUITES ?? "embedded";
const kind = kinds[kindName];

/** Servers are started once a run, and only for suites that need them. */
const servers =
  kindName === "stack"
    ? {
        globalSetup: "<rootDir>/tests/stack/global-setup.mjs",
        globalTeardown: "<rootDir>/tests/stack/global-teardown.mjs",
      }
    : {};

/** Tests run as native ES modules (`node --experimental-vm-modules`), so that what is tested is what runs. */
export default {
  testEnvironment: "<rootDir>/scripts/jest-environment.mjs",
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      {
        jsc: { parser: { syntax: "typescript" }, target: "es2024", experimental: { keepImportAttributes: true } },
        module: { type: "es6" },
      },
    ],
  },
  testRegex: [kind.source],
  ...servers,
  testPathIgnorePatterns: ["/node_modules/", "/\\.opsdesk/"],
  modulePathIgnorePatterns: ["/\\.opsdesk/"],
  // Suites with servers share two cores with them and with what they start: a hung test is found all the same.
  testTimeout: kindName === "stack" ? 120_000 : 30_000,
  testSequencer: "<rootDir>/scripts/longest-first.mjs",
  setupFiles: ["<rootDir>/scripts/stuck-suite.mjs"],
  // Suites wait for timers and for processes of their own a good part of the time, so one more than there are cores, but
  // not where servers share these; above eight, embedded databases fill the memory first.
  maxWorkers: Math.min(availableParallelism() + (kindName === "embedded" ? 1 : 0), 8),
  // Modules and WebAssembly memory of native ES module suites are not given back: a worker that grew is replaced.
  workerIdleMemoryLimit: "1GB",
  cacheDirectory: "<rootDir>/node_modules/.cache/jest",
};
