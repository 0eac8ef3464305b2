export { type AttributeName, type SpanAttributes, attributes } from "./attributes.ts";
export { type SpanKindOfOurs, spans } from "./spans.ts";
export {
  type Link,
  type NewSpan,
  type Span,
  activeSpan,
  currentTraceparent,
  errorType,
  failSpan,
  inSpan,
  linkTo,
  setAttributes,
  startSpan,
  traceparentOf,
  tracer,
  validTraceparent,
} from "./trace.ts";
