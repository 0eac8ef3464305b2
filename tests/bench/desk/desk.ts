import type { Ticket } from "../pipeline/system.ts";

/** What has happened since the desk began. */
export interface Counts {
  /** Records in all topics. */
  readonly events: number;
  /** Records that a service has read, each service counted. */
  readonly deliveries: number;
}

/** A whole desk that enquiries are handed to. */
export interface Desk {
  submit(tickets: readonly Ticket[]): Promise<void>;
  pids(): Readonly<Record<string, number | undefined>>;
  /** CPU milliseconds so far, by who spent them. */
  cpuMs(): Readonly<Record<string, number>>;
  /** Resident memory in MB, by who has it. */
  memoryMb(): Readonly<Record<string, number>>;
  /** Undefined where nothing counts. */
  counts(): Promise<Counts | undefined>;
  /** Resolves when nobody has anything to do. */
  rest(): Promise<void>;
  /** Stops it and answers after how many milliseconds it is ready again; where it is one process. */
  restart?(): Promise<number>;
  stop(): Promise<void>;
}

export interface DeskOptions {
  /** Data, logs and blobs. */
  readonly folder: string;
  /** Called when a ticket has its disposition: what the gate decided is known outside. */
  readonly onDone: (ticketId: string) => void;
  readonly say: (line: string) => void;
  /** A folder for a profile of each of its threads; absent: none are made. */
  readonly profileTo?: string;
  /** Whose program runs; absent: the one that people start here. */
  readonly checkout?: string;
}

export const SOURCE = "/bench";

/** As an upstream system writes it; `externalId` comes back with the disposition. */
export const enquiryOf = ({ id, text }: Ticket) => ({
  channel: "web",
  from: { name: `Customer ${id}`, email: `${id}@example.org` },
  text,
  externalId: id,
});
