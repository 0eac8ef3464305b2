import { SingleConnection } from "./single-connection.ts";

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("SingleConnection", () => {
  it("serves one at a time, in the order of asking", async () => {
    const connection = new SingleConnection();
    const order: string[] = [];
    await Promise.all(
      ["a", "b", "c"].map((name, index) =>
        connection.alone(async () => {
          order.push(`${name} begins`);
          await sleep(10 - index * 3);
          order.push(`${name} ends`);
        }),
      ),
    );
    expect(order).toEqual(["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  });

  it("refuses a holder that asks for the connection again, which would wait for itself for ever", async () => {
    const connection = new SingleConnection();
    const inner = connection.alone(() => connection.alone(async () => "never"));
    await expect(inner).rejects.toMatchObject({ code: "pool_reentered" });
    expect(await connection.alone(async () => "free again")).toBe("free again");
  });

  it("tells those who wait when the holder waits for something that is not SQL", async () => {
    const connection = new SingleConnection(50);
    const holder = connection.alone(() => sleep(1_600));
    const waiting = connection.alone(async () => "late");
    await expect(waiting).rejects.toMatchObject({ code: "pool_reentered" });
    await holder;
  });

  it("lets a statement take as long as it needs", async () => {
    const connection = new SingleConnection(50);
    const holder = connection.alone(() => connection.statement(() => sleep(1_300)));
    expect(await connection.alone(async () => "patient")).toBe("patient");
    await holder;
  });

  it("lets single statements go side by side, and nothing beside a transaction", async () => {
    const connection = new SingleConnection();
    const order: string[] = [];
    const named = (name: string) => async () => {
      order.push(`${name} begins`);
      await sleep(10);
      order.push(`${name} ends`);
    };
    await Promise.all([
      connection.shared(named("a")),
      connection.shared(named("b")),
      connection.alone(named("c")),
      connection.shared(named("d")),
    ]);
    expect(order).toEqual(["a begins", "b begins", "a ends", "b ends", "c begins", "c ends", "d begins", "d ends"]);
  });

  it("goes on after a holder that failed", async () => {
    const connection = new SingleConnection();
    await expect(connection.alone(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await connection.alone(async () => 1)).toBe(1);
  });
});
