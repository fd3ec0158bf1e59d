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

/** What all sources say, tests left aside. */
function sources(): string {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const names = readdirSync(root, { recursive: true, encoding: "utf8" });
  return names.flatMap((name) => (/\.tsx?$/.test(name) && !/\.(test|d)\.tsx?$/.test(name) ? [readFileSync(`${root}/${name}`, "utf8")] : [])).join("\n");
}

describe("words", () => {
  const english = new Set(keys(read("en")));
  const text = sources();
  const called = new Set([...text.matchAll(/["'`]([a-zA-Z]\w*(?:\.[\w-]+)*)["'`]/g)].map(([, key]) => key));

  test("no source asks for a word that there is not", () => {
    const asked = [...text.matchAll(/\bt\("([^"]+)"/g)].map(([, key = ""]) => key);
    expect(asked.filter((key) => !english.has(key))).toEqual([]);
  });

  test("each word is asked for somewhere", () => {
    const templates = [...text.matchAll(/`([a-zA-Z]+\.[^`]*\$\{[^`]*)`/g)].map(([, key = ""]) => new RegExp(`^${key.replaceAll(".", "\\.").replaceAll(/\$\{[^}]*\}/g, "[^.]+")}$`));
    expect([...english].filter((key) => !called.has(key) && !templates.some((one) => one.test(key)))).toEqual([]);
  });

  test.each(Object.keys(LANGUAGES))("%s has every word", (language) => {
    expect(new Set(keys(read(language)))).toEqual(english);
  });

  test("each language has a file and each file a language", () => {
    const files = readdirSync(folder).flatMap((name) => (name.endsWith(".json") ? [name.slice(0, -5)] : []));
    expect(files.sort()).toEqual(Object.keys(LANGUAGES).sort());
  });
});
