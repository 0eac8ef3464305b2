import { pick } from "../faults/random.ts";

export interface MailInput {
  readonly what: string;
  readonly raw: Uint8Array<ArrayBuffer>;
}

const bytes = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, "latin1"));
const head = (id: string, more = ""): string =>
  `From: Ana <ana@customers.example>\r\nTo: it@northgate.example\r\nSubject: Hello\r\nMessage-ID: <${id}@hostile.example>\r\n${more}`;

/** Letters that no honest mail program writes. */
export function mailInputs(random: () => number, count: number): readonly MailInput[] {
  const noise = (length: number): string =>
    Array.from({ length }, () => String.fromCodePoint(Math.floor(random() * 256))).join("");
  const nested = (depth: number): string =>
    Array.from(
      { length: depth },
      (_, level) => `Content-Type: multipart/mixed; boundary="b${String(level)}"\r\n\r\n--b${String(level)}\r\n`,
    ).join("");
  const kinds: readonly ((id: string) => readonly [string, string])[] = [
    (id) => [
      "cut off in a part",
      `${head(id, 'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="x"\r\n')}\r\n--x\r\nContent-Type: text/plain\r\n\r\nHel`,
    ],
    (id) => [
      "a boundary that never comes",
      `${head(id, 'Content-Type: multipart/mixed; boundary="never"\r\n')}\r\ntext`,
    ],
    (id) => [
      "an unknown charset",
      `${head(id, `Content-Type: text/plain; charset=${pick(random, ["x-klingon", "utf-99", '"'])}\r\n`)}\r\n${noise(60)}`,
    ],
    (id) => [
      "base64 that is none",
      `${head(id, "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n")}\r\n!!!!${noise(80)}`,
    ],
    (id) => [
      "quoted-printable that is none",
      `${head(id, "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n")}\r\n=ZZ=\r\n=F0=9F=`,
    ],
    (id) => ["an injected header", `${head(id).replace("Hello", "=?utf-8?Q?a=0D=0ABcc:_x@y.example?=")}\r\ntext`],
    (id) => [
      "a sender who writes headers",
      `From: "x\r\n\tBcc: y@y.example" <ana@customers.example\r\nMessage-ID: <${id}>\r\n\r\ntext`,
    ],
    (id) => ["parts in parts", `${head(id)}${nested(pick(random, [30, 200, 2_000]))}`],
    (id) => ["nobody who sent it", `Subject: x\r\nMessage-ID: <${id}>\r\n\r\ntext`],
    (id) => [
      "senders that are no addresses",
      `From: ${pick(random, ["undisclosed-recipients:;", "<>", "@", "a@b@c", ",,,,"])}\r\nMessage-ID: <${id}>\r\n\r\ntext`,
    ],
    (id) => [
      "two thousand references",
      `${head(id, `References: ${Array.from({ length: 2_000 }, (_, n) => `<r${String(n)}@x>`).join("\r\n ")}\r\n`)}\r\ntext`,
    ],
    (id) => [
      "NUL and half characters",
      `${head(id, "Content-Type: text/plain; charset=utf-16\r\n")}\r\n\u0000\u00D8\u0000text\u0000`,
    ],
    (id) => ["a subject with NUL", `${head(id).replace("Hello", "a\u0000b=?utf-8?B?AAAA?=")}\r\ntext`],
    () => ["noise", noise(pick(random, [1, 50, 3_000]))],
    () => ["nothing but line ends", "\r\n".repeat(pick(random, [1, 2, 500]))],
    (id) => ["no line ends", head(id).replaceAll("\r\n", " ")],
    (id) => [
      "a thousand parts",
      `${head(id, 'Content-Type: multipart/mixed; boundary="x"\r\n')}\r\n${"--x\r\nContent-Disposition: attachment; filename=a\r\n\r\n1\r\n".repeat(1_000)}--x--`,
    ],
    (id) => [
      "a file name that climbs",
      `${head(id, 'Content-Type: multipart/mixed; boundary="x"\r\n')}\r\n--x\r\nContent-Disposition: attachment; filename="../../\u0000etc/passwd"\r\n\r\n1\r\n--x--`,
    ],
    (id) => ["a header of half a megabyte", `${head(id, `X-Long: ${"y".repeat(600_000)}\r\n`)}\r\ntext`],
    (id) => [
      "HTML without an end",
      `${head(id, "Content-Type: text/html\r\n")}\r\n${"<div><table><tr>".repeat(3_000)}<script>alert(1)`,
    ],
    (id) => [
      "a date that is none",
      `${head(id, `Date: ${pick(random, ["yesterday", "Mon, 99 Nov 99999 99:99:99 +9999", "\u0000"])}\r\n`)}\r\ntext`,
    ],
    (id) => [
      "a message id of its own kind",
      `From: a@b.example\r\nMessage-ID: ${pick(random, [`<${"i".repeat(3_000)}${id}>`, `<${id}\u0000>`, id, `<<${id}>>`])}\r\n\r\ntext`,
    ],
  ];
  return Array.from({ length: count }, (_, index) => {
    const [what, text] = (kinds[index % kinds.length] ?? pick(random, kinds))(`hostile-${String(index)}`);
    return { what, raw: bytes(text) };
  });
}
