import MenuIcon from "@mui/icons-material/Menu";
import AppBar from "@mui/material/AppBar";
import Box from "@mui/material/Box";
import Drawer from "@mui/material/Drawer";
import IconButton from "@mui/material/IconButton";
import Link from "@mui/material/Link";
import List from "@mui/material/List";
import ListItemButton from "@mui/material/ListItemButton";
import ListItemText from "@mui/material/ListItemText";
import Toolbar from "@mui/material/Toolbar";
import { Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { NavLink, Outlet } from "react-router";

import { useUser } from "../auth/user";
import { Loading } from "../parts/states";
import { AccountMenu } from "./AccountMenu";
import { WorkPlace } from "./WorkPlace";
import { placesOf } from "./navigation";

const WIDTH = 232;

/** The frame of all pages: a menu at the side, which a phone opens from the bar. */
export function Layout() {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  return (
    <Box sx={{ display: "flex", minHeight: "100vh" }}>
      <Link
        href="#content"
        sx={{ position: "absolute", insetInlineStart: 8, top: -60, "&:focus": { top: 8 }, zIndex: "tooltip", p: 1, bgcolor: "background.paper" }}
      >
        {t("nav.skip")}
      </Link>
      <AppBar position="fixed" color="default" elevation={0} sx={{ zIndex: (theme) => theme.zIndex.drawer + 1, borderBottom: 1, borderColor: "divider" }}>
        <Toolbar sx={{ gap: 1.5 }}>
          <IconButton aria-label={t("nav.open")} onClick={() => setOpen(true)} sx={{ display: { md: "none" } }}>
            <MenuIcon />
          </IconButton>
          <img src="/icon.svg" alt="" width={28} height={28} />
          <WorkPlace />
          <AccountMenu />
        </Toolbar>
      </AppBar>
      <Drawer
        variant="temporary"
        open={isOpen}
        onClose={() => setOpen(false)}
        slotProps={{ paper: { "aria-label": t("nav.label") } }}
        sx={{ display: { xs: "block", md: "none" }, "& .MuiDrawer-paper": { width: WIDTH } }}
      >
        <Toolbar />
        <Places onGo={() => setOpen(false)} />
      </Drawer>
      <Drawer
        variant="permanent"
        sx={{ display: { xs: "none", md: "block" }, width: WIDTH, flexShrink: 0, "& .MuiDrawer-paper": { width: WIDTH } }}
      >
        <Toolbar />
        <Places onGo={() => undefined} />
      </Drawer>
      <Box component="main" id="content" sx={{ flexGrow: 1, minWidth: 0, p: { xs: 2, sm: 3 } }}>
        <Toolbar />
        <Suspense fallback={<Loading />}>
          <Outlet />
        </Suspense>
      </Box>
    </Box>
  );
}

function Places({ onGo }: { onGo: () => void }) {
  const { t } = useTranslation();
  const user = useUser();
  return (
    <List component="nav" aria-label={t("nav.label")} sx={{ px: 1 }}>
      {placesOf(user).map((place) => (
        <ListItemButton
          key={place.path}
          component={NavLink}
          to={place.path}
          end={place.path === "/"}
          onClick={onGo}
          sx={{ borderRadius: 1, "&.active": { bgcolor: "action.selected", fontWeight: 650 } }}
        >
          <ListItemText primary={t(place.word)} />
        </ListItemButton>
      ))}
    </List>
  );
}
