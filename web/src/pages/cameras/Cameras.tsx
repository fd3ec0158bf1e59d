import Add from "@mui/icons-material/Add";
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import FormControlLabel from "@mui/material/FormControlLabel";
import Link from "@mui/material/Link";
import Paper from "@mui/material/Paper";
import Stack from "@mui/material/Stack";
import Switch from "@mui/material/Switch";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableContainer from "@mui/material/TableContainer";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import Typography from "@mui/material/Typography";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link as To, useSearchParams } from "react-router";

import { api, data } from "../../api/client";
import { useCourseNames } from "../../courses/queries";
import { List, useList } from "../../parts/List";
import { Page } from "../../parts/Page";
import { useFormats } from "../../time/formats";
import { CameraState } from "./CameraState";
import { NewCamera } from "./NewCamera";
import { RevokeCamera } from "./RevokeCamera";
import type { Camera } from "./seen";

/** How often is looked whether they send, in milliseconds. */
const OFTEN = 30_000;

/** What a phone has no room for beside the rest, and shows below it. */
const WIDE = { display: { xs: "none", sm: "table-cell" } } as const;

/** What may send pictures. */
export function Cameras() {
  const { t } = useTranslation();
  const [asked, setAsked] = useSearchParams();
  const [isAdding, setAdding] = useState(false);
  const [revoking, setRevoking] = useState<Camera | null>(null);
  const withRevoked = asked.get("revoked") === "yes";
  const list = useList<Camera>(["cameras"], (cursor) => data(api.GET("/api/v1/cameras", { params: { query: cursor ? { cursor } : {} } })), {
    refetchInterval: OFTEN,
  });
  return (
    <Page
      title={t("cameras.title")}
      actions={
        <>
          <Button component={To} to="/kiosk" variant="outlined">
            {t("cameras.kiosk")}
          </Button>
          <Button variant="contained" startIcon={<Add />} onClick={() => setAdding(true)}>
            {t("cameras.add")}
          </Button>
        </>
      }
    >
      <Stack direction={{ xs: "column", md: "row" }} spacing={1} sx={{ mb: 2, justifyContent: "space-between" }}>
        <Typography color="textSecondary" sx={{ maxWidth: "70ch" }}>
          {t("cameras.about")}
        </Typography>
        <FormControlLabel
          control={
            <Switch
              checked={withRevoked}
              onChange={(_, on) => setAsked(on ? { revoked: "yes" } : {}, { replace: true })}
            />
          }
          label={t("cameras.showRevoked")}
          sx={{ flexShrink: 0 }}
        />
      </Stack>
      <List list={list} empty={t("cameras.none")}>
        {(all) => {
          const rows = all.filter((camera) => withRevoked || !camera.revoked_at);
          return rows.length === 0 ? (
            <Typography color="textSecondary">{t("cameras.noneAnyMore")}</Typography>
          ) : (
            <CameraTable rows={rows} onRevoke={setRevoking} />
          );
        }}
      </List>
      {isAdding && <NewCamera onClose={() => setAdding(false)} />}
      {revoking && <RevokeCamera camera={revoking} onClose={() => setRevoking(null)} />}
    </Page>
  );
}

function CameraTable({ rows, onRevoke }: { rows: readonly Camera[]; onRevoke: (camera: Camera) => void }) {
  const { t } = useTranslation();
  const { date } = useFormats();
  const nameOf = useCourseNames();
  return (
    <TableContainer component={Paper}>
      <Table size="small" aria-label={t("cameras.title")}>
        <TableHead>
          <TableRow>
            <TableCell>{t("cameras.name")}</TableCell>
            <TableCell>{t("cameras.bound")}</TableCell>
            <TableCell sx={WIDE}>{t("cameras.made")}</TableCell>
            <TableCell sx={WIDE}>{t("cameras.state")}</TableCell>
            <TableCell />
          </TableRow>
        </TableHead>
        <TableBody>
          {rows.map((camera) => (
            <TableRow key={camera.id} hover>
              <TableCell sx={{ overflowWrap: "anywhere" }}>
                <bdi>{camera.name}</bdi>
                <Box sx={{ display: { sm: "none" }, mt: 0.5 }}>
                  <CameraState camera={camera} />
                </Box>
              </TableCell>
              <TableCell>
                {camera.session_id ? (
                  <Link component={To} to={`/sessions/${camera.session_id}`}>
                    {t("cameras.oneSession")}
                  </Link>
                ) : camera.course_id ? (
                  <bdi>{nameOf(camera.course_id)}</bdi>
                ) : (
                  t("cameras.allCourses")
                )}
              </TableCell>
              <TableCell sx={{ ...WIDE, whiteSpace: "nowrap" }}>{date(camera.created_at)}</TableCell>
              <TableCell sx={WIDE}>
                <CameraState camera={camera} />
              </TableCell>
              <TableCell align="right">
                {!camera.revoked_at && (
                  <Button size="small" color="error" onClick={() => onRevoke(camera)} aria-label={t("cameras.revokeOne", { name: camera.name })}>
                    {t("cameras.revoke")}
                  </Button>
                )}
              </TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </TableContainer>
  );
}
