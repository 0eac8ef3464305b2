import { type Copy, type Stores, copies } from "./copies.ts";
import { type Hit, changeGraph, emptyGraph, openSearch } from "./read-stores.ts";

/** Takes one thing out of every copy and changes another, so that a comparison that sees nothing is seen. */
export async function spoil(stores: Stores): Promise<void> {
  const { url } = stores.opensearch;
  for (const { documents } of copies) if (documents !== undefined) await spoilDocuments(url, documents);
  await changeGraph(stores.neo4j, [
    "match (c:GraphCurrent {name: 'opsdesk'}) match (t:Ticket {generation: c.generation})-[:GIVEN]->() where (t)-[:ABOUT]->() with t limit 1 detach delete t",
    "match (c:GraphCurrent {name: 'opsdesk'}) match (s:Source {generation: c.generation}) with s limit 1 set s.revision = s.revision + 1",
  ]);
}

async function spoilDocuments(url: string, { alias, field }: NonNullable<Copy["documents"]>): Promise<void> {
  const { hits } = await openSearch<{ hits: { hits: readonly Hit[] } }>(url, "POST", `/${alias}/_search`, {
    size: 2,
    query: { exists: { field } },
  });
  const [removed, changed] = hits.hits;
  if (removed === undefined || changed === undefined) throw new Error(`${alias} has too few documents to spoil`);
  await openSearch(url, "DELETE", pathOf(removed));
  await openSearch(url, "PUT", pathOf(changed), { ...changed._source, [field]: "spoilt" });
  await openSearch(url, "POST", `/${alias}/_refresh`);
}

const pathOf = ({ _index, _id }: Hit): string => `/${_index}/_doc/${encodeURIComponent(_id)}`;

/** As after the loss of both servers' disks. */
export async function lose({ neo4j, opensearch }: Stores): Promise<void> {
  const indices = await openSearch<readonly { readonly index: string }[]>(
    opensearch.url,
    "GET",
    "/_cat/indices/opsdesk-*?format=json&h=index",
  );
  for (const { index } of indices) await openSearch(opensearch.url, "DELETE", `/${index}`);
  // Relationships first: one node may have more of them than a transaction has memory for.
  await emptyGraph(neo4j, [
    "match ()-[r]->() with r limit 10000 delete r return count(*) as deleted",
    "match (n) with n limit 10000 delete n return count(*) as deleted",
  ]);
}
