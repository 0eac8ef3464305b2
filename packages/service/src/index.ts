export {
  type Environment,
  type KeyDirectory,
  type KeyHolder,
  type Parts,
  type Ports,
  type ServiceDefinition,
  type Timer,
  service,
} from "./definition.ts";
export type { App } from "./http.ts";
export type { Meter } from "./metrics.ts";
export { ProblemsError } from "./problem.ts";
