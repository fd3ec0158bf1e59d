import Button from "@mui/material/Button";
import List from "@mui/material/List";
import ListItem from "@mui/material/ListItem";
import ListItemButton from "@mui/material/ListItemButton";
import ListItemText from "@mui/material/ListItemText";
import Paper from "@mui/material/Paper";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import { Empty, Loading, ProblemNote } from "../../parts/states";
import { useFormats } from "../../time/formats";

/** Signed proof of each erasure; no receipt has a name. */
export function Receipts({ onShow }: { onShow: (id: string) => void }) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const receipts = useInfiniteQuery({
    queryKey: ["erasure-receipts"],
    queryFn: ({ pageParam }) =>
      data(api.GET("/api/v1/erasure-receipts", { params: { query: pageParam ? { cursor: pageParam } : {} } })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
  });
  const rows = receipts.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Stack spacing={2}>
      <Typography variant="body2" color="textSecondary">
        {t("erasure.receiptsWhat")}
      </Typography>
      {receipts.error && <ProblemNote error={receipts.error} retry={() => void receipts.refetch()} />}
      {receipts.isPending && <Loading />}
      {receipts.isSuccess && rows.length === 0 && <Empty title={t("erasure.noReceipts")} />}
      {rows.length > 0 && (
        <Paper>
          <List disablePadding>
            {rows.map(({ receipt }) => (
              <ListItem key={receipt.id} disablePadding divider>
                <ListItemButton onClick={() => onShow(receipt.id)}>
                  <ListItemText
                    primary={dateTime(receipt.erased_at)}
                    secondary={
                      <Typography component="bdi" dir="ltr" variant="body2" color="textSecondary" sx={{ overflowWrap: "anywhere" }}>
                        {receipt.person_id}
                      </Typography>
                    }
                  />
                </ListItemButton>
              </ListItem>
            ))}
          </List>
        </Paper>
      )}
      {receipts.hasNextPage && (
        <Button onClick={() => void receipts.fetchNextPage()} loading={receipts.isFetchingNextPage}>
          {t("state.more")}
        </Button>
      )}
    </Stack>
  );
}
