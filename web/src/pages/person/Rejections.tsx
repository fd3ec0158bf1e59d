import Button from "@mui/material/Button";
import Link from "@mui/material/Link";
import List from "@mui/material/List";
import ListItem from "@mui/material/ListItem";
import ListItemText from "@mui/material/ListItemText";
import Typography from "@mui/material/Typography";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link as RouterLink } from "react-router";

import { api, data } from "../../api/client";
import type { components } from "../../api/schema";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { Section } from "../../parts/Section";
import { Loading, ProblemNote } from "../../parts/states";
import { useFormats } from "../../time/formats";
import type { Person } from "../people/personFields";

type Rejection = components["schemas"]["Rejection"];

/** Faces of which somebody has said that they are not this person's, each of which can be taken back. */
export function Rejections({ person }: { person: Person }) {
  const { t } = useTranslation();
  const { dateTime } = useFormats();
  const client = useQueryClient();
  const [undoing, setUndoing] = useState<Rejection | null>(null);
  const rejections = useInfiniteQuery({
    queryKey: ["person", person.id, "rejections"],
    queryFn: ({ pageParam }) =>
      data(
        api.GET("/api/v1/people/{person_id}/rejections", {
          params: { path: { person_id: person.id }, query: pageParam ? { cursor: pageParam } : {} },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
  });
  const undo = useMutation({
    mutationFn: (id: string) => api.DELETE("/api/v1/rejections/{rejection_id}", { params: { path: { rejection_id: id } } }),
    onSuccess: async () => {
      setUndoing(null);
      await client.invalidateQueries({ queryKey: ["person", person.id] });
    },
  });
  const rows = rejections.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Section title={t("person.rejections.title")}>
      {rejections.error && <ProblemNote error={rejections.error} retry={() => void rejections.refetch()} />}
      {rejections.isPending && <Loading />}
      {rejections.isSuccess && (
        <Typography variant="body2" color="textSecondary">
          {rows.length === 0 ? t("person.rejections.none") : t("person.rejections.why")}
        </Typography>
      )}
      <List disablePadding>
        {rows.map((one) => (
          <ListItem
            key={one.id}
            disableGutters
            divider
            secondaryAction={<Button onClick={() => setUndoing(one)}>{t("person.rejections.undo")}</Button>}
          >
            <ListItemText
              sx={{ pe: 8 }}
              primary={<bdi>{one.reason}</bdi>}
              secondary={
                <>
                  <Link component={RouterLink} to={`/sessions/${one.session_id}`}>
                    {dateTime(one.created_at)}
                  </Link>
                  {" · "}
                  {one.is_remembered ? t("person.rejections.remembered") : t("person.rejections.forgotten")}
                  {one.actual_person_id && (
                    <>
                      {" · "}
                      <Link component={RouterLink} to={`/people/${one.actual_person_id}`}>
                        {t("person.rejections.actual")}
                      </Link>
                    </>
                  )}
                </>
              }
            />
          </ListItem>
        ))}
      </List>
      {rejections.hasNextPage && (
        <Button onClick={() => void rejections.fetchNextPage()} loading={rejections.isFetchingNextPage}>
          {t("state.more")}
        </Button>
      )}
      <ConfirmDialog
        open={undoing !== null}
        title={t("person.rejections.undoTitle")}
        action={t("person.rejections.undo")}
        pending={undo.isPending}
        error={undo.error}
        onConfirm={() => undoing && undo.mutate(undoing.id)}
        onClose={() => setUndoing(null)}
      >
        <Typography>{t("person.rejections.undoWhy")}</Typography>
      </ConfirmDialog>
    </Section>
  );
}
