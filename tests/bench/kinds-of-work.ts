/** What `--cpu-prof` writes, as far as it is needed here. Times in microseconds, of the clock of `process.hrtime`. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
  readonly startTime: number;
}

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly children?: readonly number[];
}

export interface Window {
  readonly from: number;
  readonly to: number;
}

/** The first that matches a file is its kind. A file of none counts as that of whoever called it: Node's own, say. */
const KINDS: readonly (readonly [string, RegExp])[] = [
  ["embedded Postgres", /\/@electric-sql\//],
  ["client of the broker", /\/node_modules\/(kafkajs|kafkajs-lz4|lz4[^/]*)\//],
  ["client of Postgres", /\/node_modules\/(pg|pg-[a-z]+|postgres-[a-z]+|drizzle-orm)\/|\/packages\/database\//],
  ["jobs", /\/node_modules\/pg-boss\/|\/packages\/jobs\//],
  ["DBOS, Restate, graphile-worker", /\/node_modules\/(@dbos-inc|@restatedev|graphile-worker)\//],
  ["search and graph", /\/node_modules\/(@opensearch-project|neo4j-driver[^/]*)\//],
  ["checking of shapes", /\/node_modules\/(ajv[^/]*|typebox|@sinclair\/typebox|fast-uri)\/|\/schemas\/src\//],
  [
    "telemetry and logs",
    /\/node_modules\/(@opentelemetry|pino[^/]*|sonic-boom|thread-stream)\/|\/packages\/telemetry\//,
  ],
  ["HTTP", /\/node_modules\/(fastify|@fastify|find-my-way|light-my-request|undici|avvio)\/|\/packages\/service\//],
  ["messaging", /\/packages\/messaging\//],
  ["stores and SQL", /\/services\/[^/]+\/src\/store\//],
  ["decisions", /\/services\/[^/]+\/src\/decide\/|\/packages\/(text|router|desk)\//],
  ["handlers and jobs' work", /\/services\/[^/]+\/src\//],
];

const IDLE = "(idle)";
const COLLECTING = "(garbage collector)";
/** Node and the kernel, without a script on the stack: system calls, and what a socket brings. */
const NATIVE = "(program)";
const OTHER = "other";

/** Microseconds within the window by kind of work, what was waited left out. */
export function kindsOfWork(profile: CpuProfile, { from, to }: Window): ReadonlyMap<string, number> {
  const kinds = kindsByNode(profile.nodes);
  const spent = new Map<string, number>();
  let at = profile.startTime;
  for (const [n, id] of profile.samples.entries()) {
    const micros = profile.timeDeltas[n] ?? 0;
    at += micros;
    const kind = kinds.get(id);
    if (at < from || at > to || kind === undefined) continue;
    spent.set(kind, (spent.get(kind) ?? 0) + micros);
  }
  return spent;
}

/** Without the nodes where nothing is done. */
function kindsByNode(nodes: readonly ProfileNode[]): ReadonlyMap<number, string> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const kinds = new Map<number, string>();
  const visit = (node: ProfileNode, caller: string): void => {
    const { functionName, url } = node.callFrame;
    const kind =
      functionName === COLLECTING
        ? "garbage collection"
        : functionName === NATIVE
          ? "system calls and Node itself"
          : (KINDS.find(([, files]) => files.test(url))?.[0] ?? caller);
    if (functionName !== IDLE) kinds.set(node.id, kind);
    for (const child of node.children ?? []) {
      const one = byId.get(child);
      if (one !== undefined) visit(one, kind);
    }
  };
  const children = new Set(nodes.flatMap((node) => node.children ?? []));
  for (const node of nodes) if (!children.has(node.id)) visit(node, OTHER);
  return kinds;
}

/** Milliseconds a ticket by kind, most first: a process's CPU, parted as its threads' samples are. */
export function parted(
  cpuMs: number,
  threads: readonly ReadonlyMap<string, number>[],
): Readonly<Record<string, number>> {
  const sum = new Map<string, number>();
  for (const thread of threads) for (const [kind, micros] of thread) sum.set(kind, (sum.get(kind) ?? 0) + micros);
  const total = [...sum.values()].reduce((all, one) => all + one, 0);
  return Object.fromEntries(
    [...sum]
      .toSorted(([, a], [, b]) => b - a)
      .map(([kind, micros]) => [kind, Number(((cpuMs * micros) / total).toFixed(3))]),
  );
}
