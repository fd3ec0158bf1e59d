import Button from "@mui/material/Button";
import Container from "@mui/material/Container";
import List from "@mui/material/List";
import ListItemButton from "@mui/material/ListItemButton";
import ListItemText from "@mui/material/ListItemText";
import Paper from "@mui/material/Paper";
import Stack from "@mui/material/Stack";
import TextField from "@mui/material/TextField";
import Typography from "@mui/material/Typography";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";

import { api, data } from "../../api/client";
import { List as Listed, useList } from "../../parts/List";
import { Page } from "../../parts/Page";
import { Section } from "../../parts/Section";
import { ProblemNote } from "../../parts/states";
import { ZoneField } from "../../parts/ZoneField";
import { AccountMenu } from "../../shell/AccountMenu";

/** Where an administrator of the installation says in which organization they work. */
export function Organizations({ onChoose }: { onChoose: (id: string) => void }) {
  const { t } = useTranslation();
  const list = useList(["organizations"], (cursor) =>
    data(api.GET("/api/v1/organizations", { params: { query: cursor ? { cursor } : {} } })),
  );
  return (
    <Container component="main" maxWidth="sm" sx={{ py: 4 }}>
      <Page title={t("organizations.title")} actions={<AccountMenu />}>
        <Stack spacing={3}>
          <Typography color="textSecondary">{t("organizations.about")}</Typography>
          <Listed list={list} empty={t("organizations.none")}>
            {(rows) => (
              <Paper>
                <List disablePadding>
                  {rows.map((one) => (
                    <ListItemButton key={one.id} divider onClick={() => onChoose(one.id)}>
                      <ListItemText
                        primary={<bdi>{one.name}</bdi>}
                        secondary={<bdi>{one.time_zone}</bdi>}
                      />
                    </ListItemButton>
                  ))}
                </List>
              </Paper>
            )}
          </Listed>
          <NewOrganization onMade={onChoose} />
        </Stack>
      </Page>
    </Container>
  );
}

function NewOrganization({ onMade }: { onMade: (id: string) => void }) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const [zone, setZone] = useState(Intl.DateTimeFormat().resolvedOptions().timeZone);
  const make = useMutation({
    mutationFn: () => data(api.POST("/api/v1/organizations", { body: { name, time_zone: zone } })),
    onSuccess: (made) => onMade(made.id),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <Section title={t("organizations.new")} about={t("organizations.newAbout")}>
      <Stack component="form" spacing={2} onSubmit={submit}>
        <TextField
          label={t("organizations.name")}
          required
          value={name}
          onChange={(event) => setName(event.target.value)}
          slotProps={{ htmlInput: { maxLength: 200, dir: "auto" } }}
        />
        <ZoneField value={zone} onChange={setZone} />
        {make.error && <ProblemNote error={make.error} />}
        <Button type="submit" variant="contained" loading={make.isPending} sx={{ alignSelf: "start" }}>
          {t("organizations.make")}
        </Button>
      </Stack>
    </Section>
  );
}
