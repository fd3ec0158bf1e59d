import Button from "@mui/material/Button";
import Container from "@mui/material/Container";
import List from "@mui/material/List";
import ListItem from "@mui/material/ListItem";
import ListItemButton from "@mui/material/ListItemButton";
import ListItemText from "@mui/material/ListItemText";
import Paper from "@mui/material/Paper";
import Stack from "@mui/material/Stack";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import { allPages } from "../../api/pages";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { Page } from "../../parts/Page";
import { Empty, Loading, ProblemNote } from "../../parts/states";
import { ZoneField } from "../../parts/ZoneField";
import { AccountMenu } from "../../shell/AccountMenu";

/** From so many on, one types a part of the name. */
const MANY = 8;

/** Where an administrator of the installation says in which organization they work. */
export function Organizations({ onChoose }: { onChoose: (id: string) => void }) {
  const { t, i18n } = useTranslation();
  const [typed, setTyped] = useState("");
  const [isMaking, setMaking] = useState(false);
  const all = useQuery({
    queryKey: ["organizations"],
    queryFn: () =>
      allPages((cursor) => data(api.GET("/api/v1/organizations", { params: { query: { limit: 200, ...(cursor && { cursor }) } } }))),
  });
  const wanted = typed.trim().toLocaleLowerCase(i18n.language);
  const rows = all.data?.filter((one) => one.name.toLocaleLowerCase(i18n.language).includes(wanted)) ?? [];
  return (
    <Container component="main" maxWidth="sm" sx={{ py: 4 }}>
      <Page
        title={t("organizations.title")}
        actions={
          <>
            <Button variant="contained" onClick={() => setMaking(true)}>
              {t("organizations.new")}
            </Button>
            <AccountMenu />
          </>
        }
      >
        <Stack spacing={2}>
          <Typography color="textSecondary">{t("organizations.about")}</Typography>
          {all.error && <ProblemNote error={all.error} retry={() => void all.refetch()} />}
          {all.isPending && <Loading />}
          {all.data && all.data.length >= MANY && (
            <TextField type="search" label={t("organizations.search")} value={typed} onChange={(event) => setTyped(event.target.value)} />
          )}
          {all.data && rows.length === 0 && <Empty title={t(all.data.length === 0 ? "organizations.none" : "organizations.noMatch")} />}
          {rows.length > 0 && (
            <Paper>
              <List disablePadding>
                {rows.map((one) => (
                  <ListItem key={one.id} disablePadding divider>
                    <ListItemButton onClick={() => onChoose(one.id)}>
                      <ListItemText primary={<bdi>{one.name}</bdi>} secondary={<bdi>{one.time_zone}</bdi>} />
                    </ListItemButton>
                  </ListItem>
                ))}
              </List>
            </Paper>
          )}
        </Stack>
        {isMaking && <NewOrganization onMade={onChoose} onClose={() => setMaking(false)} />}
      </Page>
    </Container>
  );
}

function NewOrganization({ onMade, onClose }: { onMade: (id: string) => void; onClose: () => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const [zone, setZone] = useState(Intl.DateTimeFormat().resolvedOptions().timeZone);
  const make = useMutation({
    mutationFn: () => data(api.POST("/api/v1/organizations", { body: { name, time_zone: zone } })),
    onSuccess: (made) => onMade(made.id),
  });
  return (
    <ConfirmDialog
      open
      title={t("organizations.new")}
      action={t("organizations.make")}
      pending={make.isPending}
      error={make.error}
      onConfirm={() => make.mutate()}
      onClose={onClose}
    >
      <Typography color="textSecondary">{t("organizations.newAbout")}</Typography>
      <TextField
        label={t("organizations.name")}
        required
        autoFocus
        value={name}
        onChange={(event) => setName(event.target.value)}
        slotProps={{ htmlInput: { maxLength: 200, dir: "auto" } }}
      />
      <ZoneField value={zone} onChange={setZone} />
    </ConfirmDialog>
  );
}
