import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import openapi, { astToString } from "openapi-typescript";
import { expect, test } from "vitest";

test("the types are those of docs/openapi.json", async () => {
  const document = new URL("../../../docs/openapi.json", import.meta.url);
  const current = astToString(await openapi(document));
  const committed = readFileSync(fileURLToPath(new URL("./schema.d.ts", import.meta.url)), "utf8");
  const bare = (text: string) => text.replace(/^\/\*\*[\s\S]*?\*\/\n*/, "");
  expect(bare(committed) === bare(current), "stale: run `npm run api` in web/").toBe(true);
}, 60_000);
