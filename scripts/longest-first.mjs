import Sequencer from "@jest/test-sequencer";

/** What takes longest starts first, so that no core waits for it at the end: whole desks, then services, then units. */
const RANKS = [/[\\/]tests[\\/]/, /\.e2e\.test\.ts$/, /\.int\.test\.ts$/];
const rankOf = ({ path }) => {
  const rank = RANKS.findIndex((pattern) => pattern.test(path));
  return rank < 0 ? RANKS.length : rank;
};

/** On a fresh checkout jest knows no durations and would go by the size of files. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}
