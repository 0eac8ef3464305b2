import { type Mail, enquiryOfMail, isAutomatic } from "./read-email.ts";

const HASH = "a".repeat(64);
const aMail = (changes: Partial<Mail> = {}, headers: Record<string, string> = {}): Mail => ({
  messageId: "<one@corp.example>",
  inReplyTo: undefined,
  references: [],
  from: { name: "Jo Lee", email: "jo@corp.example" },
  subject: "Printer",
  text: "It jams.",
  headers: new Map(Object.entries(headers)),
  contentType: "text/plain",
  ...changes,
});

describe("enquiryOfMail", () => {
  it("takes the Message-ID as the external id and the nearest reference last", () => {
    expect(enquiryOfMail(aMail({ references: ["<a@x>", "<b@x>"], inReplyTo: "<c@x>" }), HASH, [])).toMatchObject({
      channel: "email",
      externalId: "<one@corp.example>",
      references: ["<a@x>", "<b@x>", "<c@x>"],
      from: { name: "Jo Lee", email: "jo@corp.example" },
    });
  });

  it("names a letter without a Message-ID, or with an endless one, by a hash", () => {
    expect(enquiryOfMail(aMail({ messageId: undefined }), HASH, [])).toMatchObject({ externalId: `sha256:${HASH}` });
    expect(enquiryOfMail(aMail({ messageId: `<${"x".repeat(300)}@y>` }), HASH, [])).toMatchObject({
      externalId: expect.stringMatching(/^sha256:/),
    });
  });

  it("replaces what no store keeps, because the letter itself is kept", () => {
    expect(enquiryOfMail(aMail({ text: "a\0b\ud800c", subject: "s\0" }), HASH, [])).toMatchObject({
      text: "a\uFFFDb\uFFFDc",
      subject: "s\uFFFD",
    });
  });

  it("refuses a letter that nobody sent", () => {
    expect(enquiryOfMail(aMail({ from: { name: "", email: undefined } }), HASH, [])).toMatchObject({
      code: "email_invalid",
    });
  });

  it("keeps the words of a very long letter up to 1 MiB", () => {
    expect(enquiryOfMail(aMail({ text: "é".repeat(1_000_000) }), HASH, [])).toMatchObject({
      text: expect.stringMatching(/^é{524288}$/),
    });
  });
});

describe("isAutomatic", () => {
  it.each<[string, Partial<Mail>, Record<string, string>]>([
    ["an automatic reply", {}, { "auto-submitted": "auto-replied" }],
    ["bulk mail", {}, { precedence: "bulk" }],
    ["a mailing list", {}, { "list-id": "<all.corp.example>" }],
    ["a null return path", {}, { "return-path": "<>" }],
    ["a delivery report", { contentType: "multipart/report; report-type=delivery-status" }, {}],
    ["the mail system", { from: { name: "", email: "MAILER-DAEMON@mx.example" } }, {}],
    ["an address that takes no answer", { from: { name: "", email: "no-reply@shop.example" } }, {}],
  ])("sees %s", (_, changes, headers) => {
    expect(isAutomatic(aMail(changes, headers))).toBe(true);
  });

  it("takes a person for a person", () => {
    expect(
      isAutomatic(aMail({}, { "auto-submitted": "no", "return-path": "<jo@corp.example>", precedence: "first-class" })),
    ).toBe(false);
  });
});
