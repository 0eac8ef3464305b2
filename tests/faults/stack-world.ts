import type { Client } from "@opsdesk/opsdesk/client";
import type { Service } from "@opsdesk/schemas";
import type { ServiceProcess } from "../stack/service-process.ts";
import type { Stack } from "../stack/stack.ts";
import type { Crm } from "./crm.ts";
import type { Arrival } from "./stack-recovery.ts";

/** What a fault may touch. */
export interface World {
  readonly stack: Stack;
  readonly crm: Crm;
  readonly desk: Client;
  readonly random: () => number;
  readonly say: (line: string) => void;
  /** Another process of a service, beside the one that is there. */
  replica(service: Service, number: number): Promise<ServiceProcess>;
  /** One enquiry more that counts like any other: its reference and ticket. */
  submit(options?: { readonly text?: string }): Promise<{ readonly reference: string; readonly ticketId: string }>;
  /** What should have worked and did not. */
  violation(words: string): void;
  /** Dead letters that a fault plants, by code. */
  parks(code: string): void;
}

/** Something that production does. `strike` ends when what was broken has been put right. */
export interface Fault {
  readonly name: string;
  readonly strike: (world: World) => Promise<void>;
  /** Besides a disposition, what an enquiry that is sent afterwards must come to; its own words for "recovered". */
  readonly arrives?: readonly Arrival[];
  /** What the fault had to change for itself, put back once the way through is open again. */
  readonly after?: (world: World) => Promise<void>;
  /** The blob store has a small disk of its own. */
  readonly needsSmallDisk?: boolean;
}

export function serviceOf({ stack }: World, name: string): ServiceProcess {
  const service = stack.services.get(name);
  if (service === undefined) throw new TypeError(`no service ${name}`);
  return service;
}
