import { createTheme, type Theme } from "@mui/material/styles";

/** The look: calm, high in contrast, one accent colour; states have a word beside their colour. */
export function theme(direction: "ltr" | "rtl"): Theme {
  return createTheme({
    direction,
    cssVariables: { colorSchemeSelector: "data" },
    colorSchemes: {
      light: {
        palette: {
          primary: { main: "#2f5d8a" },
          info: { main: "#0b6285" },
          success: { main: "#2c6e3f" },
          warning: { main: "#8a5a00" },
          error: { main: "#b3261e" },
          background: { default: "#f6f7f9", paper: "#ffffff" },
        },
      },
      dark: {
        palette: {
          primary: { main: "#8fb8e0" },
          info: { main: "#86c8e8" },
          success: { main: "#8fd19e" },
          warning: { main: "#f0bf6b" },
          error: { main: "#f2a9a3" },
          background: { default: "#12161b", paper: "#1a2027" },
        },
      },
    },
    shape: { borderRadius: 10 },
    typography: {
      fontFamily: "'Inter Variable', 'Noto Sans Arabic Variable', system-ui, sans-serif",
      h1: { fontSize: "1.6rem", fontWeight: 650 },
      h2: { fontSize: "1.2rem", fontWeight: 650 },
      h3: { fontSize: "1rem", fontWeight: 650 },
      button: { textTransform: "none", fontWeight: 600 },
    },
    components: {
      // Whoever asks for less motion gets none that can be left out.
      MuiCssBaseline: {
        styleOverrides: {
          "@media (prefers-reduced-motion: reduce)": {
            "*, ::before, ::after": { transitionDuration: "0s !important", transitionDelay: "0s !important" },
          },
        },
      },
      MuiButton: { defaultProps: { disableElevation: true } },
      MuiPaper: { defaultProps: { variant: "outlined" } },
      MuiTextField: { defaultProps: { size: "small", fullWidth: true } },
      // It scrolls sideways where it is too wide, by keyboard too.
      MuiTableContainer: { defaultProps: { tabIndex: 0 } },
      // MUI's own grey is too pale for letters.
      MuiAvatar: { styleOverrides: { colorDefault: { backgroundColor: "var(--mui-palette-action-selected)", color: "var(--mui-palette-text-primary)" } } },
      // A button, which has the browser's own font otherwise.
      MuiAccordionSummary: { styleOverrides: { root: { fontFamily: "inherit" } } },
      MuiToggleButton: { styleOverrides: { root: { color: "var(--mui-palette-text-secondary)" } } },
      MuiTableCell: { styleOverrides: { head: { fontWeight: 650 } } },
    },
  });
}
