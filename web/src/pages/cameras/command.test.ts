import { expect, test } from "vitest";

import { command, quoted } from "./command";

test.each([
  ["rck_aB-9", "rck_aB-9"],
  ["it's", `'it'\\''s'`],
  ["a b", "'a b'"],
  ["$(reboot)", "'$(reboot)'"],
  ["", "''"],
])("%s is the word %s", (text, word) => {
  expect(quoted(text)).toBe(word);
});

test("the command names the gateway and the session", () => {
  expect(command("rck_x", "https://rollcall.example", "0191")).toBe(
    "ROLLCALL_CAMERA__KEY=rck_x \\\n  camera --gateway https://rollcall.example --session 0191 --source usb:0",
  );
  expect(command("rck_x", "https://rollcall.example", null)).toContain("--session SESSION");
});
