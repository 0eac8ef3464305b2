export { type Applied, applyToCluster, checkCluster } from "./cluster.ts";
export type { AclState, Change } from "./diff.ts";
export { type Passwords, passwordsFrom } from "./passwords.ts";
export { type Acl, type Plan, type PlanOptions, planOf } from "./plan.ts";
