// What the panel says, out of its own language files and put together as it does that.

import { createInstance } from "i18next";

import ar from "../../src/i18n/words/ar.json";
import en from "../../src/i18n/words/en.json";

export type Language = "en" | "ar";
export type Values = Record<string, string | number>;

const words = createInstance();
await words.init({
  lng: "en",
  resources: { en: { translation: en }, ar: { translation: ar } },
  interpolation: { escapeValue: false },
});

export function wordIn(language: Language, key: string, values: Values): string {
  const options = { lng: language, ...values };
  if (!words.exists(key, options)) throw new Error(`there is no word ${key}`);
  return words.t(key, options);
}
