import { afterEach, expect, test, vi } from "vitest";

import { copyText } from "./clipboard";

afterEach(() => vi.unstubAllGlobals());

/** A document that knows nothing but the old way of copying. */
function old(copies: boolean) {
  const field = { style: {}, select: vi.fn(), remove: vi.fn(), value: "" };
  vi.stubGlobal("document", { createElement: () => field, execCommand: () => copies });
  const near = { after: vi.fn(), focus: vi.fn() };
  return { field, near: near as unknown as HTMLElement };
}

test("a secure page has a clipboard", async () => {
  const writeText = vi.fn(async () => undefined);
  vi.stubGlobal("navigator", { clipboard: { writeText } });
  expect(await copyText("a", old(false).near)).toBe(true);
  expect(writeText).toHaveBeenCalledWith("a");
});

test.each([true, false])("a page over plain HTTP copies from a field, where that is possible: %s", async (copies) => {
  vi.stubGlobal("navigator", {});
  const { field, near } = old(copies);
  expect(await copyText("a", near)).toBe(copies);
  expect(field.value).toBe("a");
  expect(field.remove).toHaveBeenCalled();
});

test("a clipboard that is not allowed is not the end", async () => {
  vi.stubGlobal("navigator", { clipboard: { writeText: () => Promise.reject(new Error("denied")) } });
  expect(await copyText("a", old(true).near)).toBe(true);
});
