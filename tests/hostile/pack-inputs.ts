import { pick } from "../faults/random.ts";

export interface PackInput {
  readonly what: string;
  readonly files: Readonly<Record<string, string>>;
  readonly refuse: boolean;
}

/** Desk packs made from a good one by spoiling it. */
export function packInputs(good: ReadonlyMap<string, string>, random: () => number): readonly PackInput[] {
  const names = [...good.keys()].filter((name) => name.endsWith(".yaml"));
  const with_ = (name: string, text: string): Record<string, string> => ({ ...Object.fromEntries(good), [name]: text });
  const some = (): [string, string] => {
    const name = pick(random, names);
    return [name, good.get(name) ?? ""];
  };
  const inputs: PackInput[] = [
    { what: "no files", files: {}, refuse: true },
    { what: "nothing but an unknown file", files: { "x.exe": "MZ" }, refuse: true },
    {
      what: "aliases that multiply",
      files: with_(
        "desk.yaml",
        `a: &a [x,x,x,x,x,x,x,x,x]\n${"bcdefgh"
          .split("")
          .map(
            (letter, n) =>
              `${letter}: &${letter} [${Array(9)
                .fill(`*${"abcdefg"[n] ?? "a"}`)
                .join(",")}]`,
          )
          .join("\n")}\n`,
      ),
      refuse: true,
    },
    {
      what: "a path that climbs",
      files: { ...Object.fromEntries(good), "../../etc/passwd": "x", "/abs.yaml": "x: 1" },
      refuse: true,
    },
    {
      what: "keys of Object's prototype",
      files: with_("desk.yaml", "__proto__: { a: 1 }\nconstructor: x\n"),
      refuse: true,
    },
    { what: "deep nesting", files: with_("policy.yaml", `${"[".repeat(5_000)}${"]".repeat(5_000)}`), refuse: true },
  ];
  for (let time = 0; time < 8; time += 1) {
    const [name, text] = some();
    const at = Math.floor(random() * text.length);
    const [what, spoilt] = pick(random, [
      ["NUL", `${text.slice(0, at)}\u0000${text.slice(at)}`],
      ["half a character", `${text.slice(0, at)}\uD800${text.slice(at)}`],
      ["a tab", `\t${text}`],
      ["a duplicate", `${text}\n${text}`],
      ["not YAML", `${text}\n}: [`],
      ["noise", `${text.slice(0, at)}}: &x *y !!js/function 'x'`],
    ] as const);
    inputs.push({
      what: `${what} in ${name}`,
      files: with_(name, spoilt),
      refuse: what !== "half a character" && what !== "a tab",
    });
  }
  for (let time = 0; time < 4; time += 1) {
    const [name, text] = some();
    const lines = text.split("\n");
    // May hit a comment, and then nothing is wrong.
    lines.splice(Math.floor(random() * lines.length), 1);
    inputs.push({ what: `a line less in ${name}`, files: with_(name, lines.join("\n")), refuse: false });
  }
  for (const name of ["desk.yaml", "categories.yaml", "policy.yaml"])
    inputs.push({
      what: `without ${name}`,
      files: Object.fromEntries([...good].filter(([one]) => one !== name)),
      refuse: true,
    });
  return inputs;
}
