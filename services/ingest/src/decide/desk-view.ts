import type { Priority } from "@opsdesk/schemas/common";
import type { Desk } from "@opsdesk/schemas/desk";

/** A business as decisions need it: its desk in its current version. */
export interface DeskView {
  readonly tenant: string;
  readonly version: number;
  readonly desk: Desk;
}

/** Minutes until the first answer is due. */
export const targetOf = (desk: Desk, priority: Priority): number => desk.responseTargets[priority];
