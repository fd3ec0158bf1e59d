import { describe, expect, test } from "vitest";

import { Awaited, type Result, fitted, portrait, shown } from "./frames";

function result(id: string): Result {
  return { frame_id: id, decided_at: "2026-09-01T08:00:00Z", sightings: [], people: [] };
}

describe("results of frames", () => {
  test("find their picture when they come after the answer", () => {
    const awaited = new Awaited<string>(1000);
    expect(awaited.accepted("f", "picture", 10, 20)).toBeNull();
    expect(awaited.heard(result("f"), 60)).toMatchObject({ picture: "picture", at: 10, took: 50 });
    expect(awaited.count).toBe(0);
  });

  test("find it when they come before the answer", () => {
    const awaited = new Awaited<string>(1000);
    expect(awaited.heard(result("f"), 15)).toBeNull();
    expect(awaited.accepted("f", "picture", 10, 20)).toMatchObject({ picture: "picture", at: 10, took: 10 });
    expect(awaited.count).toBe(0);
  });

  test("of other cameras are not kept for ever", () => {
    const awaited = new Awaited<string>(1000);
    for (let index = 0; index < 30; index += 1) awaited.heard(result(`f${index}`), 0);
    expect(awaited.accepted("f0", "picture", 0, 0)).toBeNull();
    expect(awaited.accepted("f29", "picture", 0, 0)).not.toBeNull();
  });

  test("that do not come are given up", () => {
    const awaited = new Awaited<string>(1000);
    awaited.accepted("f", "picture", 0, 0);
    expect([awaited.giveUp(1000), awaited.giveUp(1001), awaited.count]).toEqual([0, 1, 0]);
  });
});

test("pictures are made smaller, never larger", () => {
  expect(fitted({ width: 1920, height: 1080 }, 1280)).toEqual({ width: 1280, height: 720 });
  expect(fitted({ width: 640, height: 480 }, 1280)).toEqual({ width: 640, height: 480 });
});

describe("boxes", () => {
  const size = { width: 100, height: 50 };

  test("are cut where the picture ends, and turned over in a mirror", () => {
    const box = { x_min: -10, y_min: 5, x_max: 30, y_max: 60 };
    expect(shown(box, size, false)).toEqual({ x: 0, y: 5, width: 30, height: 45 });
    expect(shown(box, size, true)).toEqual({ x: 70, y: 5, width: 30, height: 45 });
  });

  test("portraits are squares inside of the picture", () => {
    expect(portrait({ x_min: 0, y_min: 0, x_max: 20, y_max: 20 }, size)).toEqual({ x: 0, y: 0, width: 28, height: 28 });
    expect(portrait({ x_min: 0, y_min: 0, x_max: 100, y_max: 50 }, size)).toEqual({ x: 25, y: 0, width: 50, height: 50 });
  });
});
