import Button from "@mui/material/Button";
import Chip from "@mui/material/Chip";
import MenuItem from "@mui/material/MenuItem";
import Paper from "@mui/material/Paper";
import Stack from "@mui/material/Stack";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableContainer from "@mui/material/TableContainer";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import TextField from "@mui/material/TextField";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useDeferredValue } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";

import { api, data } from "../../api/client";
import type { components } from "../../api/schema";
import { Page } from "../../parts/Page";
import { Empty, Loading, ProblemNote } from "../../parts/states";

type Person = components["schemas"]["Person"];
type Kind = components["schemas"]["PersonKind"];

const KINDS: readonly Kind[] = ["student", "employee"];

/** The people of the organization. What is searched for is in the address, so that it can be gone back to and passed on. */
export function People() {
  const { t } = useTranslation();
  const [asked, setAsked] = useSearchParams();
  const q = useDeferredValue(asked.get("q") ?? "");
  const kind = (asked.get("kind") as Kind | null) ?? undefined;
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
  const people = useInfiniteQuery({
    queryKey: ["people", q, kind],
    queryFn: ({ pageParam }) =>
      data(
        api.GET("/api/v1/people", {
          params: { query: { ...(q && { q }), ...(kind && { kind }), ...(pageParam && { cursor: pageParam }) } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
  });
  const rows = people.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Page title={t("people.title")}>
      <Stack direction={{ xs: "column", sm: "row" }} spacing={2} sx={{ mb: 2 }}>
        <TextField
          type="search"
          label={t("people.search")}
          value={asked.get("q") ?? ""}
          onChange={(event) => ask("q", event.target.value)}
        />
        <TextField
          select
          label={t("people.kind")}
          value={kind ?? ""}
          onChange={(event) => ask("kind", event.target.value)}
          sx={{ maxWidth: { sm: 200 } }}
        >
          <MenuItem value="">{t("people.allKinds")}</MenuItem>
          {KINDS.map((one) => (
            <MenuItem key={one} value={one}>
              {t(`people.kinds.${one}`)}
            </MenuItem>
          ))}
        </TextField>
      </Stack>
      {people.error && <ProblemNote error={people.error} retry={() => void people.refetch()} />}
      {people.isPending && <Loading />}
      {people.isSuccess && rows.length === 0 && <Empty title={q || kind ? t("people.none") : t("people.noneYet")} />}
      {rows.length > 0 && <PeopleTable rows={rows} />}
      {people.hasNextPage && (
        <Button sx={{ mt: 2 }} onClick={() => void people.fetchNextPage()} loading={people.isFetchingNextPage}>
          {t("state.more")}
        </Button>
      )}
    </Page>
  );
}

function PeopleTable({ rows }: { rows: readonly Person[] }) {
  const { t } = useTranslation();
  return (
    <TableContainer component={Paper}>
      <Table size="small" aria-label={t("people.title")}>
        <TableHead>
          <TableRow>
            <TableCell>{t("people.name")}</TableCell>
            <TableCell>{t("people.externalId")}</TableCell>
            <TableCell>{t("people.class")}</TableCell>
            <TableCell>{t("people.status")}</TableCell>
          </TableRow>
        </TableHead>
        <TableBody>
          {rows.map((person) => (
            <TableRow key={person.id} hover>
              <TableCell>{person.name}</TableCell>
              <TableCell dir="auto">{person.external_id}</TableCell>
              <TableCell>{[person.class, person.section].filter(Boolean).join(" ")}</TableCell>
              <TableCell>
                <Chip size="small" variant="outlined" label={person.is_active ? t("people.active") : t("people.inactive")} />
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}
