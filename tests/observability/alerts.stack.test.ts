import { copyFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/checkout.mjs";
import { cached, ran } from "../integrate/cache.ts";

const FOLDER = join(root, "deploy/observability");

let promtool = "";

/** Debian's package unpacked, not installed: installing it would start a server. */
beforeAll(() => {
  const folder = cached("promtool", [import.meta.filename], (target) => {
    ran("apt-get", ["update"]);
    ran("apt-get", ["download", "prometheus"], { cwd: target });
    const [name = ""] = readdirSync(target).filter((file) => file.endsWith(".deb"));
    ran("dpkg", ["-x", name, "."], { cwd: target });
    copyFileSync(join(target, "usr/bin/promtool"), join(target, "promtool"));
  });
  promtool = join(folder, "promtool");
}, 300_000);

it("is a configuration that Prometheus reads", () => {
  expect(ran(promtool, ["check", "config", "--syntax-only", join(FOLDER, "prometheus.yaml")])).toContain("is valid");
  expect(ran(promtool, ["check", "rules", join(FOLDER, "alerts.yaml")])).toContain("SUCCESS");
});

it("raises each alert when it should and not before", () => {
  expect(ran(promtool, ["test", "rules", join(FOLDER, "alerts.test.yaml")])).toContain("SUCCESS");
});
