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

  it("lets statements take as long as they need, one after another or side by side", async () => {
    const connection = new SingleConnection(50);
    const holder = connection.alone((turn) =>
      Promise.all([turn.statement(() => sleep(10)), turn.statement(() => sleep(1_300))]),
    );
    expect(await connection.alone(async () => "patient")).toBe("patient");
    await holder;
  });

  it("lets the next one in when its holder has left, whose answer may still be on its way", async () => {
    const connection = new SingleConnection();
    const order: string[] = [];
    const holder = connection.alone(async (turn) => {
      order.push("a sent");
      turn.leave();
      await sleep(20);
      order.push("a answered");
    });
    await connection.alone(() => Promise.resolve(order.push("b")));
    await holder;
    expect(order).toEqual(["a sent", "b", "a answered"]);
  });

  it("does not take a holder's turn away when an earlier one ends", async () => {
    const connection = new SingleConnection();
    const order: string[] = [];
    const first = connection.alone(async (turn) => {
      turn.leave();
      await sleep(10);
    });
    const second = connection.alone(async () => {
      await sleep(40);
      order.push("second ends");
    });
    const third = connection.alone(() => Promise.resolve(order.push("third")));
    await Promise.all([first, second, third]);
    expect(order).toEqual(["second ends", "third"]);
  });

  it("goes on after a holder that failed", async () => {
    const connection = new SingleConnection();
    await expect(connection.alone(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await connection.alone(async () => 1)).toBe(1);
  });
});
