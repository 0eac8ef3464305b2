import { busContract } from "./bus.contract.ts";
import { memoryBus } from "./memory-bus.ts";

busContract({
  name: "memory",
  open: async () => {
    const bus = memoryBus();
    // A log in memory does not outlive its process, so coming back means a new subscription to the same one.
    return { bus, again: async () => bus, close: () => bus.close() };
  },
});
