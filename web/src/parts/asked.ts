import { useSearchParams } from "react-router";

/** What a list is asked for, kept in the address. */
export function useAsked() {
  const [asked, setAsked] = useSearchParams();
  const ask = (key: string, value: string) => {
    setAsked(
      (before) => {
        if (value) before.set(key, value);
        else before.delete(key);
        return before;
      },
      { replace: true },
    );
  };
  return { asked, ask };
}
