import MoreVert from "@mui/icons-material/MoreVert";
import IconButton from "@mui/material/IconButton";
import Menu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { api } from "../../api/client";
import { type User, useUser } from "../../auth/user";

export type Act = "change" | "reset" | "disable" | "delete";

/** What can be done with a user. Nobody resets, disables or deletes themselves. */
export function UserMenu({ user, onAct }: { user: User; onAct: (act: Act) => void }) {
  const { t } = useTranslation();
  const isMe = useUser().id === user.id;
  const client = useQueryClient();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const enable = useMutation({
    mutationFn: () =>
      api.PATCH("/api/v1/users/{user_id}", { params: { path: { user_id: user.id } }, body: { disabled: false } }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["users"] }),
  });
  const act = (what: Act) => {
    setAnchor(null);
    onAct(what);
  };
  return (
    <>
      <IconButton
        size="small"
        aria-label={t("users.actions", { email: user.email })}
        aria-haspopup="menu"
        onClick={(event) => setAnchor(event.currentTarget)}
      >
        <MoreVert />
      </IconButton>
      <Menu anchorEl={anchor} open={anchor !== null} onClose={() => setAnchor(null)}>
        <MenuItem onClick={() => act("change")}>{t("users.change")}</MenuItem>
        {!isMe && <MenuItem onClick={() => act("reset")}>{t("users.reset")}</MenuItem>}
        {!isMe && !user.disabled_at && <MenuItem onClick={() => act("disable")}>{t("users.disable")}</MenuItem>}
        {!isMe && user.disabled_at && (
          <MenuItem
            onClick={() => {
              setAnchor(null);
              enable.mutate();
            }}
          >
            {t("users.enable")}
          </MenuItem>
        )}
        {!isMe && <MenuItem onClick={() => act("delete")}>{t("users.delete")}</MenuItem>}
      </Menu>
    </>
  );
}
