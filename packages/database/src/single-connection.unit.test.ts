import { SingleConnection } from "./single-connection.ts";

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("SingleConnection", () => {
  it("serves one at a time, in the order of asking", async () => {
    const connection = new SingleConnection();
    const order: string[] = [];
    await Promise.all(
      ["a", "b", "c"].map((name, index) =>
        connection.hold(async () => {
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
    const inner = connection.hold(() => connection.hold(async () => "never"));
    await expect(inner).rejects.toMatchObject({ code: "pool_reentered" });
    expect(await connection.hold(async () => "free again")).toBe("free again");
  });

  it("tells those who wait when the holder waits for something that is not SQL", async () => {
    const connection = new SingleConnection(50);
    const holder = connection.hold(() => sleep(1_600));
    const waiting = connection.hold(async () => "late");
    await expect(waiting).rejects.toMatchObject({ code: "pool_reentered" });
    await holder;
  });

  it("lets a statement take as long as it needs", async () => {
    const connection = new SingleConnection(50);
    const holder = connection.hold(() => connection.statement(() => sleep(1_300)));
    expect(await connection.hold(async () => "patient")).toBe("patient");
    await holder;
  });

  it("goes on after a holder that failed", async () => {
    const connection = new SingleConnection();
    await expect(connection.hold(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await connection.hold(async () => 1)).toBe(1);
  });
});
