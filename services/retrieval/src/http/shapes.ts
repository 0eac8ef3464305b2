import { Citation } from "@opsdesk/schemas/common";
import { contextRetrieved } from "@opsdesk/schemas/context-retrieved";
import { knowledgeSourceSubmitted } from "@opsdesk/schemas/knowledge-source-submitted";
import Type from "typebox";

const { sourceId, title, uri, kind, product, site, locale, audience, validFrom, validTo, contentType } =
  knowledgeSourceSubmitted.data.properties;
const { degraded, stores } = contextRetrieved.data.properties;

const Nullable = Type.Union([Type.String(), Type.Null()]);

export const WriteHeaders = Type.Object({ "idempotency-key": Type.String({ minLength: 1, maxLength: 200 }) });

export const SourceParams = Type.Object({ id: sourceId });

/** One document. Without `sourceId`, the id follows from the title, so that the same title again is the same source. */
export const SubmitBody = Type.Object(
  {
    sourceId: Type.Optional(sourceId),
    title,
    uri: Type.Optional(uri),
    kind,
    product,
    site,
    locale: Type.Optional(locale),
    audience,
    validFrom,
    validTo,
    contentType: Type.Optional(contentType),
    content: Type.String({ minLength: 1, maxLength: 1_048_576 }),
  },
  { additionalProperties: false },
);

export const SubmitAnswer = Type.Object({
  sourceId: Type.String(),
  version: Type.Integer(),
  status: Type.Enum(["submitted", "unchanged"]),
});

export const RetireAnswer = Type.Object({ sourceId: Type.String(), status: Type.Enum(["retired"]) });

const Version = Type.Object({
  version: Type.Integer(),
  state: Type.Enum(["submitted", "indexed", "failed", "skipped"]),
  failure: Nullable,
  contentHash: Type.String(),
  title: Type.String(),
  chunks: Type.Integer(),
  submittedAt: Type.String(),
  indexedAt: Nullable,
  validFrom: Type.String(),
  validTo: Nullable,
  supersededAt: Nullable,
});

const Source = Type.Object({
  sourceId: Type.String(),
  title: Type.String(),
  uri: Type.String(),
  kind: Type.String(),
  product: Nullable,
  site: Nullable,
  locale: Type.String(),
  audience: Type.String(),
  latestVersion: Type.Integer(),
  /** `live`: quotable now. `indexing`, `failed`: its newest version; an older one may still be quotable. */
  status: Type.Enum(["live", "indexing", "failed", "scheduled", "expired", "retired"]),
  liveVersion: Type.Union([Type.Integer(), Type.Null()]),
  retiredAt: Nullable,
});

export const SourceWithVersions = Type.Object({ ...Source.properties, versions: Type.Array(Version) });

export const ListQuery = Type.Object({
  cursor: Type.Optional(Type.String({ maxLength: 200 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
});

export const SourceList = Type.Object({ items: Type.Array(Source), nextCursor: Nullable });

const Filter = Type.Optional(Type.String({ minLength: 1, maxLength: 300 }));

export const SearchBody = Type.Object(
  {
    query: Type.String({ minLength: 1, maxLength: 4_000 }),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 50 })),
    filters: Type.Optional(
      Type.Object(
        { kind: Filter, product: Filter, site: Filter, locale: Type.Optional(locale), audience: Filter },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);

export const SearchAnswer = Type.Object({
  /** Nothing found is enough to answer from; `reason` says why. */
  weak: Type.Boolean(),
  reason: Nullable,
  strength: Type.Number(),
  retrievalPolicy: Type.String(),
  embeddingModel: Type.String(),
  stores,
  /** Stores that should have answered a leg and could not: the one in `stores` did instead. */
  degraded,
  results: Type.Array(
    Type.Object({
      citation: Citation,
      text: Type.String(),
      kind: Type.String(),
      section: Type.String(),
      score: Type.Number(),
      legs: Type.Array(
        Type.Object({ leg: Type.Enum(["dense", "lexical", "identifier"]), rank: Type.Integer(), score: Type.Number() }),
      ),
    }),
  ),
});
