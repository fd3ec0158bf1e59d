import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import Stack from "@mui/material/Stack";
import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";

import { ProblemNote } from "./states";

/** Asks before something is done that cannot be undone, or asks for what it takes. What was typed stays when it fails. */
export function Confirm({
  title,
  yes,
  isDangerous = false,
  isPending,
  error,
  onYes,
  onClose,
  children,
}: {
  title: string;
  yes: string;
  isDangerous?: boolean;
  isPending: boolean;
  error: Error | null;
  onYes: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <Dialog open onClose={onClose} aria-labelledby={id} fullWidth maxWidth="sm">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onYes();
        }}
      >
        <DialogTitle id={id}>{title}</DialogTitle>
        <DialogContent>
          <Stack spacing={2} sx={{ pt: 1 }}>
            {children}
            {error && <ProblemNote error={error} />}
          </Stack>
        </DialogContent>
        <DialogActions sx={{ p: 2 }}>
          <Button color="inherit" onClick={onClose}>
            {t("state.cancel")}
          </Button>
          <Button type="submit" variant="contained" color={isDangerous ? "error" : "primary"} loading={isPending}>
            {yes}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
