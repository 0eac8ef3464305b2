export { contentTokens, type ContentLanguage } from "./content-tokens.ts";
export { detectLanguage, type DetectedLanguage } from "./detect-language.ts";
export { embed, EMBEDDING_DIMENSIONS, EMBEDDING_MODEL } from "./embed.ts";
export { hashEnd, hashStart, hashStep, hashText } from "./hash.ts";
export { identifiersIn, type Identifier, type IdentifierKind } from "./identifiers.ts";
export { remembered } from "./remembered.ts";
export { sentencesOf, type Sentence } from "./sentences.ts";
export { tokenise } from "./tokenise.ts";
