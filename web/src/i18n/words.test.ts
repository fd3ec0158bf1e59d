import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

import { LANGUAGES } from "./index";

const folder = fileURLToPath(new URL("./words", import.meta.url));

function keys(words: object, before = ""): string[] {
  return Object.entries(words).flatMap(([key, value]) =>
    // Languages have plural forms of their own (CLDR); the word is the same.
    typeof value === "object" ? keys(value as object, `${before}${key}.`) : [`${before}${key}`.replace(/_(zero|one|two|few|many|other)$/, "")],
  );
}

function read(language: string): object {
  return JSON.parse(readFileSync(`${folder}/${language}.json`, "utf8")) as object;
}

describe("words", () => {
  const english = new Set(keys(read("en")));

  test.each(Object.keys(LANGUAGES))("%s has every word", (language) => {
    expect(new Set(keys(read(language)))).toEqual(english);
  });

  test("each language has a file and each file a language", () => {
    const files = readdirSync(folder).flatMap((name) => (name.endsWith(".json") ? [name.slice(0, -5)] : []));
    expect(files.sort()).toEqual(Object.keys(LANGUAGES).sort());
  });
});
