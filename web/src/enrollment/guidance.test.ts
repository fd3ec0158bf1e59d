import { expect, test } from "vitest";

import { Problem, unreachable } from "../api/problem";
import { afterFailure, clock, frameSize, secondsLeft, turn } from "./guidance";

test("a mirror shows one's left at the left, a camera that looks at one at the right", () => {
  expect(turn("left", true)).toBe(-1);
  expect(turn("right", true)).toBe(1);
  expect(turn("left", false)).toBe(1);
  expect(turn("right", false)).toBe(-1);
  expect(turn("centre", true)).toBe(0);
});

test("frames are made smaller, never larger", () => {
  expect(frameSize(1920, 1080)).toEqual({ width: 960, height: 540 });
  expect(frameSize(720, 1280)).toEqual({ width: 540, height: 960 });
  expect(frameSize(640, 480)).toEqual({ width: 640, height: 480 });
});

test("the clock runs down to nothing", () => {
  expect(secondsLeft("2026-01-01T00:03:00Z", Date.parse("2026-01-01T00:00:55Z"))).toBe(125);
  expect(secondsLeft("2026-01-01T00:00:00Z", Date.parse("2026-01-01T00:01:00Z"))).toBe(0);
  expect(clock(125)).toBe("2:05");
});

test("what may pass is tried again", () => {
  expect(afterFailure(unreachable())).toBe("again");
  expect(afterFailure(new Problem(429, { code: "rate_limited" }))).toBe("again");
  expect(afterFailure(new Problem(503, { code: "overloaded" }))).toBe("again");
  expect(afterFailure(new Problem(409, { code: "capture_finished" }))).toBe("finished");
  expect(afterFailure(new Problem(403, { code: "forbidden" }))).toBe("stop");
  expect(afterFailure(new TypeError("x"))).toBe("stop");
});
