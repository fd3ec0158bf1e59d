import Button from "@mui/material/Button";
import { useState } from "react";
import { useTranslation } from "react-i18next";

export function CopyButton({ text }: { text: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const copy = () => {
    void navigator.clipboard.writeText(text).then(() => setCopied(true));
  };
  return (
    <Button size="small" color="inherit" onClick={copy} aria-live="polite">
      {copied ? t("state.copied") : t("state.copy")}
    </Button>
  );
}
