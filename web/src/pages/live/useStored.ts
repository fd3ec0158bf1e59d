import { useCallback, useState } from "react";

/** A number that this browser keeps: how somebody likes a page is not for the address, which is passed on. */
export function useStored(key: string, otherwise: number): [number, (next: number) => void] {
  const [value, setValue] = useState(() => {
    const stored = Number(localStorage.getItem(key) ?? otherwise);
    return Number.isFinite(stored) ? stored : otherwise;
  });
  const set = useCallback(
    (next: number) => {
      localStorage.setItem(key, String(next));
      setValue(next);
    },
    [key],
  );
  return [value, set];
}
