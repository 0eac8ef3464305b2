const LIMIT_MAX = 32;
const WAITERS_PER_PLACE = 4;
const WAIT_MS = 1_000;

interface Room {
  limit: number;
  inFlight: number;
  readonly waiters: ((got: boolean) => void)[];
}

/**
 * How many requests an endpoint gets at once: one more after each success, half as many after each sign that it is in
 * trouble. A broken endpoint soon has one place and a short queue, so it cannot take the places of others.
 */
export class Rooms {
  readonly #rooms = new Map<string, Room>();

  /** False when there is no place, nor will be soon. */
  async enter(endpointId: string): Promise<boolean> {
    const room = this.#rooms.get(endpointId) ?? { limit: LIMIT_MAX, inFlight: 0, waiters: [] };
    this.#rooms.set(endpointId, room);
    if (room.inFlight < room.limit) {
      room.inFlight += 1;
      return true;
    }
    if (room.waiters.length >= room.limit * WAITERS_PER_PLACE) return false;
    return await new Promise<boolean>((resolve) => {
      const giveUp = setTimeout(() => {
        room.waiters.splice(room.waiters.indexOf(waiter), 1);
        resolve(false);
      }, WAIT_MS);
      const waiter = (): void => {
        clearTimeout(giveUp);
        resolve(true);
      };
      room.waiters.push(waiter);
    });
  }

  leave(endpointId: string, well: boolean): void {
    const room = this.#rooms.get(endpointId);
    if (room === undefined) return;
    room.limit = well ? Math.min(LIMIT_MAX, room.limit + 1) : Math.max(1, Math.floor(room.limit / 2));
    room.inFlight -= 1;
    while (room.inFlight < room.limit) {
      const next = room.waiters.shift();
      if (next === undefined) break;
      room.inFlight += 1;
      next(true);
    }
    if (room.inFlight === 0 && room.waiters.length === 0 && room.limit === LIMIT_MAX) this.#rooms.delete(endpointId);
  }
}
