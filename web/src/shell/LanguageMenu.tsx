import MenuItem from "@mui/material/MenuItem";
import Select from "@mui/material/Select";
import { useTranslation } from "react-i18next";

import { LANGUAGES, type Language, changeLanguage, language } from "../i18n";

export function LanguageMenu() {
  const { t } = useTranslation();
  return (
    <Select
      size="small"
      variant="outlined"
      value={language()}
      onChange={(event) => void changeLanguage(event.target.value as Language)}
      inputProps={{ "aria-label": t("account.language") }}
    >
      {Object.entries(LANGUAGES).map(([code, { name }]) => (
        <MenuItem key={code} value={code} lang={code}>
          {name}
        </MenuItem>
      ))}
    </Select>
  );
}
