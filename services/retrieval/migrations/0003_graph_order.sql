-- In the order that the newest neighbours are asked for, so that a category of many tickets is not sorted for each of them.
drop index retrieval.graph_edges_by_target;
create index graph_edges_by_target on retrieval.graph_edges (tenant, kind, target, at desc, ticket_id);
