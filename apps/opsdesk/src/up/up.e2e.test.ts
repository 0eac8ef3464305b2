import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { freePort, run } from "../testing/program.ts";

/** Starts that must be refused: what is said, and that nothing was opened or made. */
let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), "opsdesk-up-"))));
afterAll(() => rm(folder, { recursive: true, force: true }));

const up = async (more: Readonly<Record<string, string>>, ...args: readonly string[]) =>
  await run(["up", ...args], {
    OPSDESK_DATA_DIR: join(folder, "data"),
    PORT: String(await freePort()),
    OPSDESK_RECEIVER_PORT: String(await freePort()),
    ...more,
  });

const nothingWasMade = (): boolean => !existsSync(join(folder, "data"));

describe("wrong settings", () => {
  it("are listed all at once, of the process and of every service, and nothing is made", async () => {
    const secret = "whsec_too-short-to-be-one";
    const { code, err, out } = await up({
      PORT: "abc",
      OPSDESK_RECEIVER_PORT: "70000",
      OPSDESK_LANE: "cloud",
      LOG_LEVEL: "loud",
      PUBLIC_URL: "nope",
      SMTP_URL: "mail.example.com",
      REPLY_CHANNEL: "pigeon",
      MODEL: "gpt",
      ANTHROPIC_BASE_URL: "http://example.com",
      MODEL_TIMEOUT_MS: "0",
      TRIAGE_JOBS_MAX: "many",
      EMBEDDINGS_URL: "http://example.com",
      OPSDESK_LINK_KEY: "short",
      OPSDESK_SECRETS_KEY: "short",
      OPSDESK_ENDPOINT_SECRET_IT_HELPDESK__CRM: secret,
      WEBHOOK_ALLOW_ADDRESSES: "somewhere",
      EVALUATION_DEADLINE_SECONDS: "soon",
      OPSDESK_STREAMS_MAX: "0",
    });
    expect({ code, out }).toEqual({ code: 1, out: "" });
    const lines = err.trimEnd().split("\n");
    expect(lines[0]).toBe("config_invalid: The configuration has 19 problems; nothing was started.");
    expect(lines.slice(1).map((line) => /^ {2}(\w+)/.exec(line)?.[1])).toEqual([
      "PORT",
      "OPSDESK_RECEIVER_PORT",
      "OPSDESK_LANE",
      "LOG_LEVEL",
      "PUBLIC_URL",
      "SMTP_URL",
      "MAIL_FROM",
      "REPLY_CHANNEL",
      "MODEL",
      "ANTHROPIC_BASE_URL",
      "MODEL_TIMEOUT_MS",
      "TRIAGE_JOBS_MAX",
      "EMBEDDINGS_URL",
      "OPSDESK_LINK_KEY",
      "OPSDESK_SECRETS_KEY",
      "OPSDESK_ENDPOINT_SECRET_IT_HELPDESK__CRM",
      "WEBHOOK_ALLOW_ADDRESSES",
      "EVALUATION_DEADLINE_SECONDS",
      "OPSDESK_STREAMS_MAX",
    ]);
    expect(err).not.toContain(secret);
    expect(nothingWasMade()).toBe(true);
  });

  it.each([
    ["PORT", "-1"],
    ["OPSDESK_LANE", "cloud"],
    ["SMTP_URL", "http://mail.example.com"],
  ])("%s=%s alone is enough", async (name, value) => {
    const { code, err } = await up({ [name]: value, MAIL_FROM: "it@example.com" });
    expect(code).toBe(1);
    expect(err).toMatch(
      new RegExp(`^config_invalid: The configuration has a problem; nothing was started\\.\n  ${name} `),
    );
    expect(nothingWasMade()).toBe(true);
  });
});

describe("wrong usage", () => {
  it.each([
    [["--services", "ingest,nonsense"], "There is no service called nonsense. Known: ingest, triage"],
    [["--nonsense"], "unknown option"],
    [["--demo", "--services", "ingest"], "--demo needs all services"],
    [["--exit"], "--exit goes with --demo"],
  ])("%j is answered with 2", async (args, said) => {
    expect(await up({}, ...args)).toMatchObject({ code: 2, out: "", err: expect.stringContaining(said) });
    expect(nothingWasMade()).toBe(true);
  });
});

describe("a data directory that cannot be used", () => {
  it("is refused where it would lie under a file", async () => {
    const file = join(folder, "file");
    await writeFile(file, "mine");
    for (const where of [file, join(file, "data")]) {
      const { code, err } = await up({ OPSDESK_DATA_DIR: where });
      expect(code).toBe(1);
      expect(err).toContain(`data_directory_unusable: The data directory ${where} cannot be created or written.`);
    }
    expect(await readFile(file, "utf8")).toBe("mine");
  });

  it("is refused where this user may not write", async () => {
    // Root may write anywhere but in the kernel's own file systems.
    const root = process.getuid?.() === 0;
    if (process.platform === "win32" || (root && process.platform !== "linux")) return;
    const closed = join(folder, "closed");
    await mkdir(closed);
    await chmod(closed, 0o500);
    const { code, err } = await up({ OPSDESK_DATA_DIR: root ? "/proc/opsdesk" : closed });
    expect(code).toBe(1);
    expect(err).toMatch(/^data_directory_unusable: /);
  });

  it("is refused where its secrets cannot be read, which are not replaced: what they sealed would be lost", async () => {
    const broken = join(folder, "broken");
    await mkdir(broken);
    await writeFile(join(broken, "secrets.json"), '{"OPSDESK_SECRETS_KEY": "abcdef');
    const { code, err } = await up({ OPSDESK_DATA_DIR: broken });
    expect(code).toBe(1);
    expect(err).toMatch(/^secrets_unreadable: .*secrets\.json cannot be read/);
    expect(err).not.toContain("abcdef");
    expect(await readFile(join(broken, "secrets.json"), "utf8")).toBe('{"OPSDESK_SECRETS_KEY": "abcdef');
  });
});
