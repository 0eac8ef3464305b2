import { configure } from "./config.ts";

describe("configure", () => {
  it("records by default: the CRM sends", () => {
    expect(configure({})).toEqual({ installKeySha256: undefined, smtp: undefined, capture: false });
  });

  it("sends by SMTP where a server and an address are given, unless told otherwise", () => {
    const smtp = { SMTP_URL: "smtp://mail.example:25", MAIL_FROM: "help@harbour.example" };
    expect(configure(smtp)).toMatchObject({ smtp: { url: smtp.SMTP_URL, from: smtp.MAIL_FROM } });
    expect(configure({ ...smtp, REPLY_CHANNEL: "record" })).toMatchObject({ smtp: undefined, capture: false });
    expect(configure({ ...smtp, REPLY_CHANNEL: "capture" })).toMatchObject({ smtp: undefined, capture: true });
  });

  it("lists every problem at once", () => {
    expect(() => configure({ INSTALL_KEY_SHA256: "x", SMTP_URL: "http://mail", REPLY_CHANNEL: "pigeon" })).toThrow(
      /INSTALL_KEY_SHA256.*SMTP_URL.*MAIL_FROM.*REPLY_CHANNEL/s,
    );
    expect(() => configure({ REPLY_CHANNEL: "smtp" })).toThrow(/SMTP_URL/);
  });
});
