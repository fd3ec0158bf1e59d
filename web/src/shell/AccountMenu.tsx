import AccountCircle from "@mui/icons-material/AccountCircle";
import Box from "@mui/material/Box";
import Divider from "@mui/material/Divider";
import IconButton from "@mui/material/IconButton";
import Menu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";
import Select from "@mui/material/Select";
import Typography from "@mui/material/Typography";
import { useColorScheme } from "@mui/material/styles";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api } from "../api/client";
import { leave } from "../api/session";
import { useUser } from "../auth/user";
import { LanguageMenu } from "./LanguageMenu";

const MODES = ["system", "light", "dark"] as const;

export function AccountMenu() {
  const { t } = useTranslation();
  const user = useUser();
  const { mode, setMode } = useColorScheme();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const signOut = useMutation({
    mutationFn: () => api.POST("/api/v1/auth/logout"),
    onSettled: leave,
  });
  return (
    <>
      <IconButton aria-label={t("account.menu")} aria-haspopup="true" onClick={(event) => setAnchor(event.currentTarget)}>
        <AccountCircle />
      </IconButton>
      <Menu anchorEl={anchor} open={anchor !== null} onClose={() => setAnchor(null)}>
        <Box sx={{ px: 2, py: 1 }}>
          <Typography sx={{ fontWeight: 650 }}>{user.email}</Typography>
          <Typography variant="body2" color="textSecondary">
            {t(`role.${user.role}`)}
          </Typography>
        </Box>
        <Divider />
        <Box sx={{ px: 2, py: 1, display: "flex", gap: 1 }}>
          <LanguageMenu />
          <Select
            size="small"
            value={mode ?? "system"}
            onChange={(event) => setMode(event.target.value)}
            inputProps={{ "aria-label": t("account.appearance") }}
          >
            {MODES.map((one) => (
              <MenuItem key={one} value={one}>
                {t(`account.${one}`)}
              </MenuItem>
            ))}
          </Select>
        </Box>
        <Divider />
        <MenuItem onClick={() => signOut.mutate()}>{t("account.signOut")}</MenuItem>
      </Menu>
    </>
  );
}
