import { memoryBlobs } from "@opsdesk/blobs/memory";
import { desksIn } from "@opsdesk/desk";
import { contracts } from "@opsdesk/schemas";
import { RETRIEVAL_V1 } from "./decide/retrieval-policy.ts";
import { graphProjection } from "./projections/graph.ts";
import { searchProjection } from "./projections/search-index.ts";
import { subscriptions } from "./subscriptions.ts";

/** Never asked: only what they listen to matters here. */
const nothing = {} as never;

it("reads nothing but what names it in the catalogue, its own events too: a broker grants nothing else", () => {
  const read = [
    ...Object.values(subscriptions(desksIn("retrieval", memoryBlobs()), RETRIEVAL_V1)).map(({ type }) => type),
    ...searchProjection({ database: nothing, index: nothing, clock: nothing }).types,
    ...graphProjection({ database: nothing, graph: nothing }).types,
  ];
  const granted = contracts.filter(({ consumers }) => (consumers as readonly string[]).includes("retrieval"));
  expect(read.filter((type) => granted.every((contract) => contract.type !== type))).toEqual([]);
});
