import Button from "@mui/material/Button";
import TextField from "@mui/material/TextField";
import { type MouseEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { copyText } from "./clipboard";

/** Copies a text. Where the browser does not let it, the text is shown and selected. */
export function CopyButton({ text }: { text: string }) {
  const { t } = useTranslation();
  const [done, setDone] = useState<{ text: string; isCopied: boolean } | null>(null);
  // Of another text nothing is known yet.
  const now = done?.text === text ? done : null;
  const copy = async (event: MouseEvent<HTMLElement>) => {
    setDone({ text, isCopied: await copyText(text, event.currentTarget) });
  };
  if (now && !now.isCopied) {
    return (
      <TextField
        value={text}
        autoFocus
        helperText={t("state.copyByHand")}
        onFocus={(event) => event.target.select()}
        slotProps={{ htmlInput: { readOnly: true, dir: "ltr", "aria-label": t("state.copy") } }}
      />
    );
  }
  return (
    <Button size="small" color="inherit" onClick={(event) => void copy(event)} aria-live="polite">
      {now ? t("state.copied") : t("state.copy")}
    </Button>
  );
}
