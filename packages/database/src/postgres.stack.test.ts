import { once } from "node:events";
import { type AddressInfo, type Socket, connect, createServer } from "node:net";
import { testDatabase } from "@opsdesk/servers/suites";
import { databaseContract } from "./database.contract.ts";
import { openPostgres, postgresInstallation } from "./postgres.ts";
import { sql } from "./sql.ts";

databaseContract("Postgres", async () => {
  const { url, drop } = await testDatabase();
  const installation = postgresInstallation(url);
  return {
    database: installation.as("postgres"),
    close: async () => {
      await installation.close();
      await drop();
    },
  };
});

describe("a server that says nothing more", () => {
  it("is given up with what was asked of it, and the next question goes to a new connection", async () => {
    const { url, drop } = await testDatabase();
    const { hostname, port } = new URL(url);
    let silent = false;
    const sockets: Socket[] = [];
    const between = createServer((near) => {
      const far = connect(Number(port), hostname);
      sockets.push(near, far);
      for (const socket of [near, far]) socket.on("error", () => undefined);
      near.on("data", (data) => void (silent || far.write(data)));
      far.on("data", (data) => void (silent || near.write(data)));
    }).listen(0, "127.0.0.1");
    await once(between, "listening");
    // A TCP server's address is never a string.
    const through = new URL(url);
    through.hostname = "127.0.0.1";
    through.port = String((between.address() as AddressInfo).port);
    const database = openPostgres({ url: through.href, name: "opsdesk silence", statementMsMax: 200 });
    await database.query(sql`select 1 as one`);
    silent = true;
    const begun = performance.now();
    await expect(database.query(sql`select 2 as two`)).rejects.toMatchObject({ code: "database_unavailable" });
    expect(performance.now() - begun).toBeGreaterThan(5_000);
    silent = false;
    expect(await database.query(sql`select 3 as three`)).toEqual([{ three: 3 }]);
    silent = true;
    const inTransaction = database.transaction((tx) => tx.query(sql`select 4 as four`));
    await expect(inTransaction).rejects.toMatchObject({ code: "database_unavailable" });
    silent = false;
    expect(await database.query(sql`select 5 as five`)).toEqual([{ five: 5 }]);
    for (const socket of sockets) socket.destroy();
    between.close();
    await database.close();
    await drop();
  }, 40_000);
});
