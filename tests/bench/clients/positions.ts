export interface Place {
  readonly topic: string;
  readonly partition: number;
}

type Topics = readonly { readonly topic: string; readonly partitions?: readonly number[] }[];

const nameOf = ({ topic, partition }: Place): string => `${topic}/${partition}`;

/** Where a member goes on in each partition. An assignment begins a new turn, and what is still of an earlier one counts no more. */
export class Positions {
  #turn = 0;
  #at = new Map<string, Place & { offset: number }>();
  readonly #paused = new Set<string>();
  readonly #sought = new Map<string, number>();

  get turn(): number {
    return this.#turn;
  }

  assign(): number {
    this.#at = new Map();
    this.#paused.clear();
    return (this.#turn += 1);
  }

  begin(turn: number, place: Place, offset: number): void {
    if (turn !== this.#turn) return;
    this.#at.set(nameOf(place), { ...place, offset: this.#sought.get(nameOf(place)) ?? offset });
  }

  of(turn: number, place: Place): number | undefined {
    return turn === this.#turn ? this.#at.get(nameOf(place))?.offset : undefined;
  }

  move(turn: number, place: Place, offset: number): void {
    if (turn === this.#turn) this.#at.set(nameOf(place), { ...place, offset });
  }

  /** A place may be sought before it is assigned. */
  seek(place: Place, offset: number): void {
    this.#sought.set(nameOf(place), offset);
    const known = this.#at.get(nameOf(place));
    if (known !== undefined) known.offset = offset;
  }

  /** Answers with what takes it back. */
  pause(topics: Topics): () => void {
    for (const { topic, partitions = [] } of topics)
      for (const partition of partitions) this.#paused.add(nameOf({ topic, partition }));
    return () => this.resume(topics);
  }

  resume(topics: Topics): void {
    for (const { topic, partitions = [] } of topics)
      for (const partition of partitions) this.#paused.delete(nameOf({ topic, partition }));
  }

  wanted(): readonly (Place & { readonly offset: number })[] {
    return [...this.#at.values()].filter((place) => !this.#paused.has(nameOf(place)));
  }
}
