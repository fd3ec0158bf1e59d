import Download from "@mui/icons-material/Download";
import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import { Facts } from "../../parts/Facts";
import { saveFile } from "../../parts/saveFile";
import { Loading, ProblemNote } from "../../parts/states";
import { useFormats } from "../../time/formats";

/** A receipt: what was erased and when, to be kept as a file whose signature can be checked. */
export function ReceiptDialog({ id, onClose }: { id: string; onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const { dateTime, number } = useFormats();
  const title = useId();
  const signed = useQuery({
    queryKey: ["erasure-receipt", id],
    queryFn: () =>
      data(api.GET("/api/v1/erasure-receipts/{erasure_receipt_id}", { params: { path: { erasure_receipt_id: id } } })),
    staleTime: Infinity,
  });
  const receipt = signed.data?.receipt;
  const word = (kind: string) => (i18n.exists(`erasure.kinds.${kind}`) ? t(`erasure.kinds.${kind}`) : kind);
  return (
    <Dialog open onClose={onClose} aria-labelledby={title} fullWidth maxWidth="sm">
      <DialogTitle id={title}>{t("erasure.receipt")}</DialogTitle>
      <DialogContent>
        {signed.error && <ProblemNote error={signed.error} retry={() => void signed.refetch()} />}
        {signed.isPending && <Loading />}
        {receipt && (
          <Stack spacing={2}>
            <Typography>{t("erasure.done")}</Typography>
            <Facts
              facts={[
                [t("erasure.erasedAt"), dateTime(receipt.erased_at)],
                [t("erasure.requestedAt"), receipt.requested_at && dateTime(receipt.requested_at)],
                [t("erasure.person"), <bdi dir="ltr">{receipt.person_id}</bdi>],
                [
                  t("erasure.deleted"),
                  Object.entries(receipt.deleted)
                    .map(([kind, count]) => `${word(kind)}: ${number(count)}`)
                    .join("\n"),
                ],
                [t("erasure.audit"), number(receipt.audit_sequence)],
                [t("erasure.key"), <bdi dir="ltr">{signed.data?.key_id}</bdi>],
              ]}
            />
            <Typography variant="body2" color="textSecondary">
              {t("erasure.verify")} <code dir="ltr">rollcall receipt verify FILE</code>
            </Typography>
          </Stack>
        )}
      </DialogContent>
      <DialogActions sx={{ px: 3, pb: 2 }}>
        <Button color="inherit" onClick={onClose}>
          {t("erasure.close")}
        </Button>
        <Button
          variant="contained"
          startIcon={<Download />}
          disabled={!signed.data}
          onClick={() => saveFile(`erasure-receipt-${id}.json`, new Blob([`${JSON.stringify(signed.data, null, 2)}\n`], { type: "application/json" }))}
        >
          {t("erasure.download")}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
