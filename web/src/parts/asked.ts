import { useCallback } from "react";
import { useSearchParams } from "react-router";

/** What the address asks for after `?`, and how to ask for something else there; "" takes it out. */
export function useAsked(): [URLSearchParams, (changes: Readonly<Record<string, string>>) => void] {
  const [asked, setAsked] = useSearchParams();
  const ask = useCallback(
    (changes: Readonly<Record<string, string>>) => {
      setAsked(
        (before) => {
          const after = new URLSearchParams(before);
          for (const [key, value] of Object.entries(changes)) {
            if (value) after.set(key, value);
            else after.delete(key);
          }
          return after;
        },
        { replace: true },
      );
    },
    [setAsked],
  );
  return [asked, ask];
}
