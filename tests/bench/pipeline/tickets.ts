import { seeded } from "../../faults/random.ts";
import type { Ticket } from "./system.ts";

const TEXT_LENGTH = 2_500;
const WORDS =
  "wi-fi drops every afternoon on floor four printer badge laptop keeps asking for the password after update screen stays black please help colleague meeting room projector network share slow mailbox quota invoice phone".split(
    " ",
  );

/** The n-th ticket of any run: its text is of words, which compress as a customer's do. */
export function aTicket(n: number): Ticket {
  const random = seeded(n);
  const words: string[] = [];
  for (let length = 0; length < TEXT_LENGTH;) {
    const word = `${WORDS[Math.floor(random() * WORDS.length)]}${random() < 0.2 ? Math.floor(random() * 1_000) : ""}`;
    words.push(word);
    length += word.length + 1;
  }
  return { id: `tkt_${crockford(n).padStart(26, "0")}`, text: words.join(" ").slice(0, TEXT_LENGTH) };
}

/** The alphabet of ids: without i, l, o and u. */
const LETTERS: Readonly<Record<string, string>> = { i: "w", l: "x", o: "y", u: "z" };
const crockford = (n: number): string => n.toString(32).replace(/[ilou]/g, (letter) => LETTERS[letter] ?? letter);
