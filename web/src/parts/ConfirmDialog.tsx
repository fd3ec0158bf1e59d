import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import Stack from "@mui/material/Stack";
import { type FormEvent, type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";

import { ProblemNote } from "./states";

interface Props {
  open: boolean;
  title: string;
  /** What the button does, in words. */
  action: string;
  /** What the other button says, where "Cancel" could be taken for the answer. */
  cancel?: string;
  danger?: boolean;
  disabled?: boolean;
  pending: boolean;
  error: Error | null;
  onConfirm: () => void;
  onClose: () => void;
  children?: ReactNode;
}

/** A question, or a small form, with one answer that does something. What was typed stays when it fails. */
export function ConfirmDialog(props: Props) {
  const { t } = useTranslation();
  const title = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!props.pending && !props.disabled) props.onConfirm();
  };
  const close = (_: unknown, reason: "backdropClick" | "escapeKeyDown") => {
    // A click beside it does not lose what was typed.
    if (!props.pending && reason !== "backdropClick") props.onClose();
  };
  return (
    <Dialog open={props.open} onClose={close} aria-labelledby={title} fullWidth maxWidth="sm">
      <form onSubmit={submit}>
        <DialogTitle id={title}>{props.title}</DialogTitle>
        <DialogContent>
          <Stack spacing={2} sx={{ pt: 1 }}>
            {props.children}
            {props.error && <ProblemNote error={props.error} />}
          </Stack>
        </DialogContent>
        <DialogActions sx={{ px: 3, pb: 2 }}>
          <Button color="inherit" onClick={props.onClose} disabled={props.pending}>
            {props.cancel ?? t("state.cancel")}
          </Button>
          <Button
            type="submit"
            variant="contained"
            color={props.danger ? "error" : "primary"}
            loading={props.pending}
            disabled={props.disabled ?? false}
          >
            {props.action}
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
