/** Run once; each does nothing where it has been run. */
export const SCHEMA = [
  "create constraint opsdesk_ticket_key if not exists for (n:Ticket) require n.key is unique",
  "create constraint opsdesk_anchor_key if not exists for (n:Anchor) require n.key is unique",
  "create constraint opsdesk_source_key if not exists for (n:Source) require n.key is unique",
  "create constraint opsdesk_graph_name if not exists for (n:GraphCurrent) require n.name is unique",
  "create index opsdesk_ticket_generation if not exists for (n:Ticket) on (n.generation)",
  "create index opsdesk_anchor_generation if not exists for (n:Anchor) on (n.generation)",
  "create index opsdesk_source_generation if not exists for (n:Source) on (n.generation)",
];

/** Of all that a ticket was ever said to be about, only its category is replaced, by that of a newer version. */
export const TICKETS = `
unwind $tickets as row
merge (t:Ticket {key: row.key})
  on create set t.generation = $generation, t.tenant = row.tenant, t.ticketId = row.ticketId, t.version = 0
set t.reference = row.reference
with t, row where row.version >= t.version
set t.version = row.version
with t, row where row.category is not null
match (t)-[old:ABOUT]->(x:Anchor) where x.kind = 'category' and x.key <> row.category
delete old`;

export const ANCHORS = `
unwind $edges as e
match (t:Ticket {key: e.ticket})
  where e.kind <> 'category' or e.version >= t.version or exists { (t)-[:ABOUT]->(:Anchor {key: e.key}) }
merge (x:Anchor {key: e.key}) on create set x.generation = $generation, x.tenant = e.tenant, x.kind = e.kind, x.id = e.id
merge (t)-[r:ABOUT]->(x)
set r.at = case when e.kind = 'category' and e.version >= t.version then e.at
  when e.kind <> 'category' and e.at < coalesce(r.at, e.at) then e.at else coalesce(r.at, e.at) end`;

export const GIVEN = `
unwind $given as e
match (t:Ticket {key: e.ticket})
merge (s:Source {key: e.key})
  on create set s.generation = $generation, s.tenant = e.tenant, s.sourceId = e.sourceId, s.revision = -1, s.retired = false
merge (t)-[:GIVEN]->(s)`;

export const SOURCES = `
unwind $sources as row
merge (s:Source {key: row.key})
  on create set s.generation = $generation, s.tenant = row.tenant, s.sourceId = row.sourceId, s.revision = -1
with s, row where row.revision >= s.revision
set s.revision = row.revision, s.retired = row.retired`;

/** What is asked for is the newest: a hub keeps those, whatever order they came in, so that no question reads them all. */
export const CAP = `
unwind $anchors as key
match (x:Anchor {key: key}) where count { (x)<-[:ABOUT]-() } > $degreeMax
call (x) {
  match (x)<-[r:ABOUT]-(t:Ticket) with r, t order by r.at desc, t.ticketId skip $degreeMax
  delete r
}`;

export const SWITCH = `
merge (c:GraphCurrent {name: $name})
with c, c.generation as before
set c.generation = $generation
return before`;

/** Where two processes filled one each, the first stays. */
export const ADOPT = `
merge (c:GraphCurrent {name: $name}) on create set c.generation = $generation
return c.generation as generation`;

export const FORGET = ["Ticket", "Anchor", "Source"].map(
  (label) =>
    `match (n:${label} {generation: $generation}) with n limit $batch detach delete n return count(*) as deleted`,
);
