import type { IRegularForbiddenRuleType } from "dependency-cruiser";

/**
 * Which layer may import what. Every rule has a plant in boundaries-proof.ts that must turn it red: a rule that
 * matches nothing looks exactly like a rule that is kept.
 */

/** Packages without I/O, clock or chance, which a decision may use like its own code. */
const PURE_PACKAGES = ["errors", "identity", "text", "router", "desk-pack"];

/** A driver or broker client, and the one folder that may know it; for kafkajs also the tests of what it may do. */
const DRIVERS: Readonly<Record<string, string>> = {
  pg: "packages/database",
  "@electric-sql/": "packages/database",
  "pg-boss": "packages/jobs",
  kafkajs: "packages/messaging",
  "@platformatic/kafka": "packages/kafka-admin",
  "neo4j-driver": "services/[^/]+/src/clients",
  "@opensearch-project/opensearch": "services/[^/]+/src/clients",
  "@anthropic-ai/sdk": "services/[^/]+/src/clients",
};

/** Modules of packages that choose a technology: for wiring and tests only. */
const ADAPTERS =
  "^packages/(database/src/(pglite|postgres|single-connection|migrate)|messaging/src/([a-z-]+-bus|kafka[a-z-]*)|jobs/src/(pg-boss|memory)|blobs/src/(files|memory|s3)|service/src/run)\\.ts$";

const TEST = "\\.(unit|int|e2e|long|stack)\\.test\\.ts$|\\.(contract|fixture)\\.ts$|/testing(\\.ts$|/)";
/** Starts servers for tests, and asks each of them with its own client whether it is ready. */
const SERVERS = "^packages/servers/";
const PORTABLE = "^services/[^/]+/src/(decide|handlers|jobs|store)/";
const npm = (name: string): string => `(^|/)node_modules/${name}${name.endsWith("/") ? "" : "/"}`;
const escaped = (text: string): string => text.replaceAll(/[.+]/g, "\\$&");

interface Rule extends IRegularForbiddenRuleType {
  readonly name: string;
}

const rules: readonly Rule[] = [
  {
    name: "decide-is-pure",
    comment: "decide/ imports contract types, errors and packages without I/O; nothing else.",
    from: { path: "^services/([^/]+)/src/decide/", pathNot: TEST },
    to: {
      pathNot: [
        "^services/$1/src/decide/",
        "^schemas/src/",
        `^packages/(${PURE_PACKAGES.join("|")})/src/`,
        "^packages/messaging/src/outcome\\.ts$",
      ],
    },
  },
  {
    name: "handlers-and-jobs-use-ports",
    comment: "handlers/ and jobs/ import decisions, store and client ports; adapters are chosen in wiring.",
    from: { path: "^services/([^/]+)/src/(handlers|jobs)/", pathNot: TEST },
    to: {
      path: ["^services/[^/]+/src/(main|config|wiring|subscriptions)\\.ts$", "^services/[^/]+/src/http/", ADAPTERS],
    },
  },
  {
    name: "store-is-sql-only",
    comment: "store/ imports the database port, the schema builder and contract types.",
    from: { path: "^services/([^/]+)/src/store/", pathNot: TEST },
    to: { path: ["^services/[^/]+/src/(?!store/)", ADAPTERS] },
  },
  {
    name: "clients-know-no-decisions",
    comment: "clients/ make outbound calls; what to call for is decided elsewhere.",
    from: { path: "^services/[^/]+/src/clients/", pathNot: TEST },
    to: { path: "^services/[^/]+/src/(?!clients/)" },
  },
  {
    name: "portable-layers-without-node",
    comment: "decide/, handlers/, jobs/ and store/ also run in a browser tab.",
    from: { path: PORTABLE, pathNot: TEST },
    to: { dependencyTypes: ["core"] },
  },
  {
    name: "services-apart",
    comment: "Services talk through topics only.",
    from: { path: "^services/([^/]+)/" },
    to: { path: "^services/", pathNot: "^services/$1/" },
  },
  {
    name: "services-below-apps",
    from: { path: "^services/" },
    to: { path: "^apps/" },
  },
  {
    name: "packages-below-services",
    from: { path: "^(packages|schemas)/" },
    to: { path: "^(services|apps)/" },
  },
  {
    name: "servers-for-tests-only",
    comment: "What starts servers is not installed with the product.",
    from: { path: "^(schemas|packages|services)/", pathNot: [TEST, SERVERS] },
    to: { path: SERVERS },
  },
  {
    name: "schemas-stand-alone",
    comment: "A contract needs errors, identity and typebox.",
    from: { path: "^schemas/src/", pathNot: TEST },
    to: { pathNot: ["^schemas/src/", "^packages/(errors|identity)/src/", npm("typebox")] },
  },
  {
    name: "workspace-by-name",
    comment: "Another package is imported by its name, so that its exports decide what is public.",
    from: { path: "^(schemas|packages/[^/]+|services/[^/]+|apps/[^/]+)/" },
    to: { path: "^(schemas|packages|services|apps)/", pathNot: "^$1/", dependencyTypes: ["local"] },
  },
  {
    name: "tests-stay-out-of-the-product",
    from: { path: "/src/", pathNot: TEST },
    to: { path: TEST },
  },
  {
    name: "product-without-dev-packages",
    comment: "`npm start` installs no devDependencies. What starts servers for tests is no part of the product.",
    from: { path: "/src/", pathNot: [TEST, SERVERS] },
    to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
  },
  {
    name: "environment-through-config",
    comment: "Only main.ts reads the environment; lint sees the global, this sees the module.",
    from: { path: "^(schemas|packages|services)/", pathNot: TEST },
    to: { dependencyTypes: ["core"], path: "^(node:)?process$" },
  },
  {
    name: "no-cycles",
    comment: "Types of two files may name each other: they are erased. Code may not.",
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
  },
  {
    name: "everything-resolves",
    comment: "What cannot be resolved would pass every other rule.",
    from: {},
    to: { couldNotResolve: true },
  },
  ...Object.entries(DRIVERS).map(([driver, home]) => ({
    name: `only-${home.slice(home.lastIndexOf("/") + 1)}-knows-${driver.replaceAll(/[@/]+/g, "-").replaceAll(/^-|-$/g, "")}`,
    from: {
      path: "^(schemas|packages|services|apps)/",
      pathNot: [`^${home}/`, SERVERS, "\\.stack\\.test\\.ts$"],
    },
    to: { path: [npm(escaped(driver)), `^${escaped(driver)}${driver.endsWith("/") ? "" : "(/|$)"}`] },
  })),
];

export const boundaryRules: readonly Rule[] = rules.map((rule) => ({ ...rule, severity: "error" }));
