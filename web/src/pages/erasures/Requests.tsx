import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import Chip from "@mui/material/Chip";
import Link from "@mui/material/Link";
import List from "@mui/material/List";
import ListItem from "@mui/material/ListItem";
import MenuItem from "@mui/material/MenuItem";
import Paper from "@mui/material/Paper";
import Stack from "@mui/material/Stack";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link as RouterLink } from "react-router";

import { api, data } from "../../api/client";
import type { components } from "../../api/schema";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { Empty, Loading, ProblemNote } from "../../parts/states";
import { useFormats } from "../../time/formats";
import { EraseDialog } from "../person/Erase";
import { usePerson } from "../person/queries";

type ErasureRequest = components["schemas"]["ErasureRequest"];
const STATES = ["pending", "declined"] as const;

interface Props {
  asked: URLSearchParams;
  ask: (changes: Readonly<Record<string, string>>) => void;
}

/** Members who ask to be erased. Each request is met by erasing, or declined with a reason that they are told. */
export function Requests({ asked, ask }: Props) {
  const { t } = useTranslation();
  const state = STATES.find((one) => one === asked.get("state")) ?? "pending";
  const requests = useInfiniteQuery({
    queryKey: ["erasure-requests", state],
    queryFn: ({ pageParam }) =>
      data(api.GET("/api/v1/erasure-requests", { params: { query: { state, ...(pageParam && { cursor: pageParam }) } } })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
  });
  const rows = requests.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Stack spacing={2}>
      <TextField
        select
        label={t("people.status")}
        value={state}
        onChange={(event) => ask({ state: event.target.value === "pending" ? "" : event.target.value })}
        sx={{ maxWidth: 240 }}
      >
        {STATES.map((one) => (
          <MenuItem key={one} value={one}>
            {t(`erasure.states.${one}`)}
          </MenuItem>
        ))}
      </TextField>
      {requests.error && <ProblemNote error={requests.error} retry={() => void requests.refetch()} />}
      {requests.isPending && <Loading />}
      {requests.isSuccess && rows.length === 0 && <Empty title={t(`erasure.noRequests.${state}`)} />}
      {rows.length > 0 && (
        <Paper>
          <List disablePadding>
            {rows.map((request) => (
              <Request key={request.id} request={request} />
            ))}
          </List>
        </Paper>
      )}
      {requests.hasNextPage && (
        <Button onClick={() => void requests.fetchNextPage()} loading={requests.isFetchingNextPage}>
          {t("state.more")}
        </Button>
      )}
    </Stack>
  );
}

function Request({ request }: { request: ErasureRequest }) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const person = usePerson(request.person_id);
  const [ask, setAsk] = useState<"erase" | "decline" | null>(null);
  return (
    <ListItem divider sx={{ "&:last-child": { borderBottom: 0 } }}>
      <Stack direction={{ xs: "column", sm: "row" }} spacing={1} sx={{ width: "100%", justifyContent: "space-between", alignItems: { sm: "center" } }}>
        <Box sx={{ minWidth: 0 }}>
          <Link component={RouterLink} to={`/people/${request.person_id}`} underline="hover" sx={{ fontWeight: 600 }}>
            {person.data ? <bdi>{person.data.name}</bdi> : person.error ? t("erasure.somebody") : "…"}
          </Link>{" "}
          {person.data && (
            <Typography component="bdi" dir="ltr" variant="body2" color="textSecondary">
              {person.data.external_id}
            </Typography>
          )}
          <Typography variant="body2" color="textSecondary">
            {t("erasure.askedAt", { at: dateTime(request.requested_at) })}
          </Typography>
          {request.reason && (
            <Typography variant="body2">
              {t("erasure.reason")}: <bdi>{request.reason}</bdi>
            </Typography>
          )}
        </Box>
        {request.state === "pending" ? (
          <Stack direction="row" spacing={1}>
            <Button color="error" variant="outlined" disabled={!person.data} onClick={() => setAsk("erase")}>
              {t("erasure.erase")}
            </Button>
            <Button color="inherit" onClick={() => setAsk("decline")}>
              {t("erasure.decline")}
            </Button>
          </Stack>
        ) : (
          <Chip size="small" variant="outlined" label={t(`erasure.states.${request.state}`)} />
        )}
      </Stack>
      {ask === "erase" && person.data && <EraseDialog person={person.data} onClose={() => setAsk(null)} />}
      {ask === "decline" && <Decline request={request} onClose={() => setAsk(null)} />}
    </ListItem>
  );
}

function Decline({ request, onClose }: { request: ErasureRequest; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const decline = useMutation({
    mutationFn: () =>
      api.POST("/api/v1/erasure-requests/{erasure_request_id}/decline", {
        params: { path: { erasure_request_id: request.id } },
        body: { reason: reason.trim() },
      }),
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries({ queryKey: ["erasure-requests"] });
    },
  });
  return (
    <ConfirmDialog
      open
      title={t("erasure.declineTitle")}
      action={t("erasure.decline")}
      disabled={!reason.trim()}
      pending={decline.isPending}
      error={decline.error}
      onConfirm={() => decline.mutate()}
      onClose={onClose}
    >
      <TextField
        label={t("erasure.reason")}
        helperText={t("erasure.reasonHint")}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        required
        multiline
        minRows={2}
        autoFocus
        slotProps={{ htmlInput: { maxLength: 1000, dir: "auto" } }}
      />
    </ConfirmDialog>
  );
}
