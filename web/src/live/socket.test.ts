import { describe, expect, test } from "vitest";

import { LiveSocket, type LiveState, type World, read, wait } from "./socket";

class FakeSocket extends EventTarget {
  readonly ticket: string;
  constructor(ticket: string) {
    super();
    this.ticket = ticket;
  }
  close(): void {
    this.dispatchEvent(new Event("close"));
  }
  say(message: object): void {
    this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(message) }));
  }
}

function setUp(tickets: (() => Promise<string>)[] = []) {
  const sockets: FakeSocket[] = [];
  const waits: { milliseconds: number; run: () => void; isOff: boolean }[] = [];
  const heard: string[] = [];
  const states: LiveState[] = [];
  let asked = 0;
  const world: World = {
    ticket: () => {
      asked += 1;
      return tickets[asked - 1]?.() ?? Promise.resolve(`t${asked}`);
    },
    open: (ticket) => {
      const socket = new FakeSocket(ticket);
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    later: (milliseconds, then) => {
      const one = { milliseconds, run: then, isOff: false };
      waits.push(one);
      return () => {
        one.isOff = true;
      };
    },
    random: () => 1,
  };
  const live = new LiveSocket(world, {
    onEvent: (event) => heard.push(event.type),
    onResync: () => heard.push("resync"),
    onState: (state) => states.push(state),
  });
  return { live, sockets, waits, heard, states };
}

const settle = () => new Promise((done) => setTimeout(done));

describe("the live socket", () => {
  test("opens with a ticket, has the lists read, and passes events on", async () => {
    const { sockets, heard, states } = setUp();
    await settle();
    expect(sockets[0]?.ticket).toBe("t1");
    sockets[0]?.dispatchEvent(new Event("open"));
    sockets[0]?.say({ type: "session_changed", session_id: "s", state: "active", organization_id: "o" });
    sockets[0]?.say({ type: "resync" });
    expect(heard).toEqual(["resync", "session_changed", "resync"]);
    expect(states).toEqual(["connecting", "open"]);
  });

  test("connects again with a new ticket, and has the lists read again", async () => {
    const { sockets, waits, heard, states } = setUp();
    await settle();
    sockets[0]?.dispatchEvent(new Event("open"));
    sockets[0]?.close();
    expect(states.at(-1)).toBe("waiting");
    waits.at(-1)?.run();
    await settle();
    expect(sockets[1]?.ticket).toBe("t2");
    sockets[1]?.dispatchEvent(new Event("open"));
    expect(heard).toEqual(["resync", "resync"]);
  });

  test("waits longer each time, and starts over after it held", async () => {
    const { sockets, waits } = setUp();
    for (const expected of [500, 1000, 2000]) {
      await settle();
      sockets.at(-1)?.close();
      expect(waits.at(-1)?.milliseconds).toBe(expected);
      waits.at(-1)?.run();
    }
    await settle();
    sockets.at(-1)?.dispatchEvent(new Event("open"));
    waits.at(-1)?.run();
    sockets.at(-1)?.close();
    expect(waits.at(-1)?.milliseconds).toBe(500);
  });

  test("does not ask again for what is refused", async () => {
    const { sockets, waits, states } = setUp([() => Promise.reject({ status: 403 })]);
    await settle();
    expect(states).toEqual(["connecting", "refused"]);
    expect([sockets.length, waits.length]).toEqual([0, 0]);
  });

  test("asks again when the server is away, at once when the network is back", async () => {
    const { live, sockets, waits, states } = setUp([() => Promise.reject({ status: 0 })]);
    await settle();
    expect(states).toEqual(["connecting", "waiting"]);
    live.hurry();
    await settle();
    expect(waits[0]?.isOff).toBe(true);
    expect(sockets.length).toBe(1);
  });

  test("says nothing once it is closed", async () => {
    const { live, sockets, waits, heard } = setUp();
    await settle();
    sockets[0]?.dispatchEvent(new Event("open"));
    live.close();
    sockets[0]?.say({ type: "resync" });
    expect(heard).toEqual(["resync"]);
    expect(waits.every((one) => one.isOff)).toBe(true);
  });
});

test("what is no message is none", () => {
  expect([read("{"), read("3"), read("null"), read("{}")]).toEqual([null, null, null, null]);
});

test("waits are bounded", () => {
  expect(wait(0, 0)).toBe(250);
  expect(wait(50, 1)).toBe(15_000);
});
