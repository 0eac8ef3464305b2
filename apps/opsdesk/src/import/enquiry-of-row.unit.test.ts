import { describe, expect, it } from "@jest/globals";
import { enquiryOfRow, textColumnOf } from "./enquiry-of-row.ts";

const row = (fields: Record<string, unknown>, number = 7) => ({ number, fields });

describe("a row of a file", () => {
  it("becomes an enquiry under its number when it has no id of its own", () => {
    expect(enquiryOfRow(row({ text: "Hello", category: "x" }), "text", "import:1")).toEqual({
      channel: "api",
      from: { name: "Unknown" },
      text: "Hello",
      externalId: "7",
      source: "import:1",
    });
  });

  it("brings its id, sender, subject, channel and time by their usual names", () => {
    const fields = {
      id: 12,
      body: "Hi",
      subject: "Help",
      name: "Bo",
      email: "bo@example.com",
      channel: "Web",
      created_at: "2026-01-31T09:00:00+01:00",
    };
    expect(enquiryOfRow(row(fields), "body", "crm")).toEqual({
      channel: "web",
      from: { name: "Bo", email: "bo@example.com" },
      subject: "Help",
      text: "Hi",
      externalId: "12",
      source: "crm",
      receivedAt: "2026-01-31T08:00:00.000Z",
    });
  });

  it("brings a sender that is an object of its own", () => {
    expect(
      enquiryOfRow(row({ text: "Hi", from: { name: "Bo", email: "bo@example.com", phone: "1" } }), "text", "crm").from,
    ).toEqual({ name: "Bo", email: "bo@example.com", phone: "1" });
  });

  it("takes an only column for the text, and asks when it cannot tell", () => {
    expect(textColumnOf(row({ whatever: "Hi" }), undefined)).toBe("whatever");
    expect(() => textColumnOf(row({ a: "1", b: "2" }), undefined)).toThrow("--text-column");
    expect(() => textColumnOf(row({ text: "1" }), "nope")).toThrow("no column nope");
  });
});
