// The words of the panel. A language is one file in words/ with the keys of en.json (a test compares them) and a line here.

import i18next from "i18next";
import { initReactI18next } from "react-i18next";

import en from "./words/en.json";

export const LANGUAGES = {
  en: { name: "English", direction: "ltr" },
  ar: { name: "العربية", direction: "rtl" },
} as const;

export type Language = keyof typeof LANGUAGES;

const STORED = "rollcall.language";

/** The words of a language; English comes with the first load, others when they are asked for. */
async function words(language: Language): Promise<object> {
  return language === "en" ? en : ((await import(`./words/${language}.json`)) as { default: object }).default;
}

function known(text: string | null | undefined): Language | null {
  const short = text?.slice(0, 2).toLowerCase();
  return short && short in LANGUAGES ? (short as Language) : null;
}

export function language(): Language {
  return known(i18next.language) ?? "en";
}

export async function changeLanguage(next: Language): Promise<void> {
  if (!i18next.hasResourceBundle(next, "translation")) {
    i18next.addResourceBundle(next, "translation", await words(next));
  }
  await i18next.changeLanguage(next);
  localStorage.setItem(STORED, next);
  document.documentElement.lang = next;
  document.documentElement.dir = LANGUAGES[next].direction;
}

export async function startWords(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: "en",
    fallbackLng: "en",
    resources: { en: { translation: en } },
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  await changeLanguage(known(localStorage.getItem(STORED)) ?? known(navigator.language) ?? "en");
}
