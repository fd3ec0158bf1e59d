import TextField, { type TextFieldProps } from "@mui/material/TextField";
import { useEffect, useState } from "react";

type Props = Omit<TextFieldProps, "value" | "onChange" | "name"> & {
  /** What it is called in the address. */
  name: string;
  asked: URLSearchParams;
  ask: (changes: Readonly<Record<string, string>>) => void;
};

const PAUSE = 250;

/** A text that the address keeps. It goes there when typing pauses: an address follows too slowly to be typed into. */
export function AskedText({ name, asked, ask, ...props }: Props) {
  const address = asked.get(name) ?? "";
  const [field, setField] = useState({ typed: address, sent: address, seen: address });
  if (address !== field.seen) {
    // Somebody else changed the address, such as the button that clears all filters.
    setField({ ...field, seen: address, typed: address === field.sent ? field.typed : address });
  }
  const { typed, sent } = field;
  useEffect(() => {
    if (typed === sent) return undefined;
    const timer = setTimeout(() => {
      setField((now) => ({ ...now, sent: typed }));
      ask({ [name]: typed });
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [ask, name, sent, typed]);
  return <TextField {...props} value={typed} onChange={(event) => setField({ ...field, typed: event.target.value })} />;
}
