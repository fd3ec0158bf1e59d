import Add from "@mui/icons-material/Add";
import Button from "@mui/material/Button";
import Chip from "@mui/material/Chip";
import Link from "@mui/material/Link";
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
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link as To } from "react-router";

import { api, data } from "../../api/client";
import { type User, useUser } from "../../auth/user";
import { AskedText } from "../../parts/AskedText";
import { List, useList } from "../../parts/List";
import { Page } from "../../parts/Page";
import { useAsked } from "../../parts/asked";
import { useFormats } from "../../time/formats";
import { ROLES } from "./RoleField";
import { ChangeUser, DeleteUser, DisableUser, NewUser, ResetPassword } from "./UserForms";
import { type Act, UserMenu } from "./UserMenu";

const DIALOGS = { change: ChangeUser, reset: ResetPassword, disable: DisableUser, delete: DeleteUser } as const;

/** What a phone has no room for beside the rest, and shows below it. */
const WIDE = { display: { xs: "none", sm: "table-cell" } } as const;

/** Who may sign in, and as what. */
export function Users() {
  const { t } = useTranslation();
  const [asked, ask] = useAsked();
  const [isAdding, setAdding] = useState(false);
  const [doing, setDoing] = useState<{ act: Act; user: User } | null>(null);
  const q = asked.get("q") ?? "";
  const role = ROLES.find((one) => one === asked.get("role"));
  const list = useList(["users", q, role], (cursor) =>
    data(
      api.GET("/api/v1/users", {
        params: { query: { ...(q && { q }), ...(role && { role }), ...(cursor && { cursor }) } },
      }),
    ),
  );
  const Doing = doing && DIALOGS[doing.act];
  return (
    <Page
      title={t("users.title")}
      actions={
        <Button variant="contained" startIcon={<Add />} onClick={() => setAdding(true)}>
          {t("users.add")}
        </Button>
      }
    >
      <Stack direction={{ xs: "column", sm: "row" }} spacing={2} sx={{ mb: 2 }}>
        <AskedText type="search" label={t("users.search")} name="q" asked={asked} ask={ask} />
        <TextField
          select
          label={t("users.role")}
          value={role ?? ""}
          onChange={(event) => ask({ role: event.target.value })}
          slotProps={{ select: { displayEmpty: true }, inputLabel: { shrink: true } }}
          sx={{ maxWidth: { sm: 200 } }}
        >
          <MenuItem value="">{t("users.allRoles")}</MenuItem>
          {ROLES.map((one) => (
            <MenuItem key={one} value={one}>
              {t(`role.${one}`)}
            </MenuItem>
          ))}
        </TextField>
      </Stack>
      <List list={list} empty={t("users.none")}>
        {(rows) => <UserTable rows={rows} onAct={(act, user) => setDoing({ act, user })} />}
      </List>
      {isAdding && <NewUser onClose={() => setAdding(false)} />}
      {Doing && <Doing user={doing.user} onClose={() => setDoing(null)} />}
    </Page>
  );
}

function UserTable({ rows, onAct }: { rows: readonly User[]; onAct: (act: Act, user: User) => void }) {
  const { t } = useTranslation();
  const { date } = useFormats();
  const me = useUser();
  return (
    <TableContainer component={Paper}>
      <Table size="small" aria-label={t("users.title")}>
        <TableHead>
          <TableRow>
            <TableCell>{t("users.email")}</TableCell>
            <TableCell sx={WIDE}>{t("users.role")}</TableCell>
            <TableCell sx={WIDE}>{t("users.person")}</TableCell>
            <TableCell sx={WIDE}>{t("users.state")}</TableCell>
            <TableCell sx={WIDE}>{t("users.added")}</TableCell>
            <TableCell padding="checkbox" />
          </TableRow>
        </TableHead>
        <TableBody>
          {rows.map((user) => (
            <TableRow key={user.id} hover>
              <TableCell sx={{ overflowWrap: "anywhere" }}>
                <bdi>{user.email}</bdi>
                {user.id === me.id && <Chip size="small" label={t("users.you")} sx={{ marginInlineStart: 1 }} />}
                <Stack direction="row" spacing={1} sx={{ display: { sm: "none" }, alignItems: "center", mt: 0.5 }}>
                  <span>{t(`role.${user.role}`)}</span>
                  <UserState user={user} />
                </Stack>
              </TableCell>
              <TableCell sx={WIDE}>{t(`role.${user.role}`)}</TableCell>
              <TableCell sx={WIDE}>
                {user.person_id && (
                  <Link component={To} to={`/people/${user.person_id}`}>
                    {t("users.linked")}
                  </Link>
                )}
              </TableCell>
              <TableCell sx={WIDE}>
                <UserState user={user} />
              </TableCell>
              <TableCell sx={{ ...WIDE, whiteSpace: "nowrap" }}>{date(user.created_at)}</TableCell>
              <TableCell padding="checkbox">
                <UserMenu user={user} onAct={(act) => onAct(act, user)} />
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}

function UserState({ user }: { user: User }) {
  const { t } = useTranslation();
  const [word, color] = user.disabled_at
    ? (["disabled", "default"] as const)
    : user.must_change_password
      ? (["mustChange", "warning"] as const)
      : (["active", "success"] as const);
  return <Chip size="small" variant="outlined" color={color} label={t(`users.${word}`)} />;
}
