import { databaseContract } from "./database.contract.ts";
import { postgresInstallation } from "./postgres.ts";
import { testDatabase } from "@opsdesk/servers/testing";

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
