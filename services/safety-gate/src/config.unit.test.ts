import { readConfig } from "./config.ts";

const OPSDESK_LINK_KEY = "k".repeat(32);

describe("readConfig", () => {
  it("takes the address without the slash at its end", () => {
    expect(readConfig({ OPSDESK_LINK_KEY, PUBLIC_URL: "https://desk.example/" }).publicUrl).toBe(
      "https://desk.example",
    );
    expect(readConfig({ OPSDESK_LINK_KEY, PORT: "5000" }).publicUrl).toBe("http://127.0.0.1:5000");
  });
  it("lists every problem at once, and never the key", () => {
    const wrong = () => readConfig({ PUBLIC_URL: "ftp://desk", OPSDESK_LINK_KEY: "short-secret" });
    expect(wrong).toThrow(/PUBLIC_URL.*OPSDESK_LINK_KEY/);
    expect(wrong).not.toThrow(/short-secret/);
  });
});
