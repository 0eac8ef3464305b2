export { type Applied, applyToCluster, checkCluster } from "./cluster.ts";
export type { AclState, Change } from "./diff.ts";
export { passwordsFrom } from "./passwords.ts";
export { type Acl, type Plan, type PlanOptions, planOf } from "./plan.ts";
