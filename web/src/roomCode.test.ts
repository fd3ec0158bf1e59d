import { expect, test } from "vitest";

import { checkInLink, codeIn } from "./roomCode";

const qr = "AZGRkZGRcACAAAAAAAAAAQ.120000000.abc-_9";

test.each([qr, checkInLink("https://rollcall.example", qr), `  ${qr}\n`])("in %s there is a code", (text) => {
  expect(codeIn(text)).toEqual({ qr, sessionId: "01919191-9191-7000-8000-000000000001" });
});

test.each(["", "https://example.org/", "AZ4l.1.x", `${qr}.x`, "#"])("in %s there is none", (text) => {
  expect(codeIn(text)).toBeNull();
});
