import { describe, expect, it } from "@jest/globals";
import { senderOf } from "./submit.ts";

describe("--from", () => {
  it.each([
    [undefined, { name: "Unknown" }],
    ['"Bo Ek" <bo@example.com>', { name: "Bo Ek", email: "bo@example.com" }],
    ["<bo@example.com>", { name: "bo@example.com", email: "bo@example.com" }],
    ["bo@example.com", { name: "bo@example.com", email: "bo@example.com" }],
    ["Bo Ek", { name: "Bo Ek" }],
  ])("understands %s", (from, sender) => expect(senderOf(from)).toEqual(sender));
});
