import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { inCheckout } from "./checkout.mjs";

/**
 * What kafkajs 2.2.4 does to Node 24, in the program itself and not in what starts it. In single quotes, since
 * NODE_OPTIONS takes double ones for its own.
 */
const NEGATIVE = `data:text/javascript,if(process.argv[1]?.match(/main.m?ts/)||process.argv.length===1)setTimeout(()=>{},-1)`;
const WARNING = "TimeoutNegativeWarning";

const ran = (args: readonly string[], options: string) =>
  spawnSync(process.execPath, args, {
    encoding: "utf8",
    input: "",
    env: { ...process.env, NODE_OPTIONS: `${options} --import=${NEGATIVE}` },
  });

describe("Node's warnings of negative timeouts", () => {
  it("are there without a flag", () => {
    expect(ran([], "").stderr).toContain(WARNING);
  });

  it("are not shown by the opsdesk program", () => {
    const { status, stderr } = ran([inCheckout("apps", "opsdesk", "bin", "opsdesk.mjs"), "--help"], "");
    expect(status).toBe(0);
    expect(stderr).not.toContain(WARNING);
  }, 120_000);

  it("are not shown in the image", () => {
    const [, options] = /NODE_OPTIONS="([^"]*)"/.exec(readFileSync(inCheckout("Dockerfile"), "utf8")) ?? [];
    expect(ran([], options ?? "").stderr).not.toContain(WARNING);
  });
});
