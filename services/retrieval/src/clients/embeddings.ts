import { EMBEDDING_DIMENSIONS, EMBEDDING_MODEL, embed } from "@opsdesk/text";

/**
 * The embeddings port. Vectors of one `model` are compared with each other and with no others.
 * An adapter that calls out throws TransientError `embedding_unavailable`.
 */
export interface Embeddings {
  readonly model: string;
  readonly dimensions: number;
  embed(texts: readonly string[], purpose: "document" | "query"): Promise<readonly Float32Array[]>;
}

/** Hashed words and characters, computed here: nothing to download, nothing leaves, always the same. */
export const localEmbeddings: Embeddings = {
  model: EMBEDDING_MODEL,
  dimensions: EMBEDDING_DIMENSIONS,
  embed: (texts) => Promise.resolve(texts.map((text) => embed(text))),
};
