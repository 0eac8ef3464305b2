import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from "fastify";
import type { KeyHolder } from "./definition.ts";

/** The HTTP application that a service adds its routes to. Schemas are TypeBox; they validate and document. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

declare module "fastify" {
  interface FastifyContextConfig {
    /** The scope that the caller's key must have, or `public`. A route without one is refused at start. */
    scope?: string;
  }
  interface FastifyRequest {
    /** The key's holder on every route that is not public. */
    holder: KeyHolder;
  }
}
