import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { useTranslation } from "react-i18next";

import { useWithin } from "../auth/organization";

/** Whose attendance this is; whoever may work in several can go to another. */
export function WorkPlace() {
  const { t } = useTranslation();
  const { organization, leave } = useWithin();
  return (
    <>
      <Typography noWrap sx={{ fontWeight: 700, flexGrow: 1, minWidth: 0 }}>
        <bdi>{organization.name}</bdi>
      </Typography>
      {leave && (
        <Button size="small" color="inherit" variant="outlined" onClick={leave} sx={{ flexShrink: 0 }}>
          {t("organizations.switch")}
        </Button>
      )}
    </>
  );
}
