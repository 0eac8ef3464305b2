import { createHmac } from "node:crypto";
import { describe, expect, it } from "@jest/globals";
import { Webhook } from "standardwebhooks";
import { type Finding, diagnose } from "./diagnose.ts";
import { headersOf } from "./headers.ts";

const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const OTHER = `whsec_${Buffer.alloc(32, 8).toString("base64")}`;
const AT = 1_800_000_000;
const BODY = '{"type":"reply.sent","data":{"text":"Grüße"}}';

const signed = (body = BODY, at = AT, secret = SECRET) =>
  new Map([
    ["webhook-id", "msg_1"],
    ["webhook-timestamp", String(at)],
    ["webhook-signature", new Webhook(secret).sign("msg_1", new Date(at * 1_000), body)],
  ]);
const codes = (headers: ReadonlyMap<string, string>, body = BODY, secret = SECRET): readonly Finding["code"][] =>
  diagnose({ body, headers }, secret, AT).findings.map(({ code }) => code);
const without = (name: string) => new Map([...signed()].filter(([key]) => key !== name));
const withHeader = (name: string, value: string) => new Map([...signed(), [name, value]]);

describe("the signature doctor", () => {
  it("verifies what the Standard Webhooks library signs, also among several signatures", () => {
    expect(diagnose({ body: BODY, headers: signed() }, SECRET, AT)).toEqual({ verified: true, findings: [] });
    expect(codes(withHeader("webhook-signature", `v1,AAAA ${signed().get("webhook-signature")}`))).toEqual([]);
  });

  it.each<[string, readonly Finding["code"][], readonly Finding["code"][]]>([
    ["a header is missing", codes(without("webhook-id")), ["header_missing"]],
    ["the clock is ten minutes off", codes(signed(BODY, AT - 600)), ["clock_skew"]],
    ["the time is in milliseconds", codes(signed(BODY, AT * 1_000)), ["timestamp_in_milliseconds"]],
    ["the secret is no secret", codes(signed(), BODY, "hunter2"), ["secret_malformed"]],
    ["the secret is another endpoint's", codes(signed(), BODY, OTHER), ["secret_or_body_wrong"]],
    ["the signature is no signature", codes(withHeader("webhook-signature", "sha256=abc")), ["signature_malformed"]],
    [
      "only the asymmetric signature is there",
      codes(withHeader("webhook-signature", "v1a,abc")),
      ["signature_asymmetric_only"],
    ],
    [
      "the JSON was written again, indented",
      codes(signed(), JSON.stringify(JSON.parse(BODY), null, 2)),
      ["body_reserialised"],
    ],
    ["the signed JSON had spaces", codes(signed('{"a": [1, {"b": 2}]}'), '{"a":[1,{"b":2}]}'), ["body_reserialised"]],
    ["line ends were rewritten", codes(signed("a\nb"), "a\r\nb"), ["body_line_ends"]],
    ["a line end was added", codes(signed(), `${BODY}\n`), ["body_trimmed"]],
    [
      "the key was not decoded",
      codes(
        withHeader(
          "webhook-signature",
          `v1,${createHmac("sha256", SECRET).update(`msg_1.${AT}.${BODY}`).digest("base64")}`,
        ),
      ),
      ["secret_not_decoded"],
    ],
    [
      "only the body was signed",
      codes(
        withHeader(
          "webhook-signature",
          `v1,${createHmac("sha256", Buffer.alloc(32, 7)).update(BODY).digest("base64")}`,
        ),
      ),
      ["id_not_signed"],
    ],
  ])("says so when %s", (_what, found, expected) => expect(found).toEqual(expected));
});

describe("kept headers", () => {
  it("are read as lines, as curl shows them, and as JSON", () => {
    const expected = new Map([["webhook-id", "msg_1"]]);
    expect(headersOf("Webhook-Id: msg_1\r\n")).toEqual(expected);
    expect(headersOf("< webhook-id: msg_1\n<\n")).toEqual(expected);
    expect(headersOf('{"Webhook-Id": ["msg_1"]}')).toEqual(expected);
  });
});
