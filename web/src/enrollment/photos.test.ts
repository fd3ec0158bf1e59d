import { expect, test } from "vitest";

import { choose, refusals } from "./photos";

function file(name: string, size: number, type = "image/jpeg"): File {
  const made = new File([], name, { type, lastModified: 1 });
  Object.defineProperty(made, "size", { value: size });
  return made;
}

test("what the server would refuse is said before it is sent", () => {
  const chosen = choose([
    file("a.jpg", 1000),
    file("b.heic", 1000, ""),
    file("c.pdf", 1000, "application/pdf"),
    file("d.jpg", 11 * 1024 * 1024),
    file("e.png", 0, "image/png"),
  ]);
  expect(chosen.map((one) => one.unfit)).toEqual([null, "heic", "not_an_image", "image_too_large", "image_empty"]);
});

test("the same file counts once, and twenty are the most", () => {
  const many = Array.from({ length: 22 }, (_, index) => file(`${index}.jpg`, 10));
  const chosen = choose([...many, file("0.jpg", 10)]);
  expect(chosen).toHaveLength(22);
  expect(chosen.filter((one) => one.unfit === "too_many")).toHaveLength(2);
});

test("64 MiB are the most together", () => {
  const large = Array.from({ length: 8 }, (_, index) => file(`${index}.jpg`, 9 * 1024 * 1024));
  expect(choose(large).map((one) => one.unfit)).toEqual([null, null, null, null, null, null, null, "too_much"]);
});

test("each refusal finds its photo", () => {
  const errors = [
    { pointer: "/photos/2", code: "image_damaged", detail: "x" },
    { pointer: "/photos", code: "required", detail: "y" },
  ];
  expect([...refusals(errors)]).toEqual([[2, errors[0]]]);
});
