const PARTED = "\u001f";

/** Community edition has no key over several properties: one text holds generation, tenant and id. */
export const ticketKey = (generation: string, tenant: string, ticketId: string): string =>
  [generation, tenant, ticketId].join(PARTED);

export const anchorKey = (
  generation: string,
  tenant: string,
  { kind, id }: { readonly kind: string; readonly id: string },
): string => [generation, tenant, kind, id].join(PARTED);

export const sourceKey = (generation: string, tenant: string, sourceId: string): string =>
  [generation, tenant, sourceId].join(PARTED);
