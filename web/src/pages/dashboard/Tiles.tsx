import Box from "@mui/material/Box";
import Link from "@mui/material/Link";
import Paper from "@mui/material/Paper";
import Typography from "@mui/material/Typography";
import type { ReactNode } from "react";
import { Link as To } from "react-router";

/** Numbers that are looked at first. */
export function Tiles({ children }: { children: ReactNode }) {
  return (
    <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: { xs: "1fr 1fr", md: "repeat(auto-fit, minmax(150px, 1fr))" } }}>{children}</Box>
  );
}

export function Tile({ name, value, to }: { name: string; value: string; to?: string }) {
  return (
    <Paper sx={{ p: 2, display: "flex", flexDirection: "column", justifyContent: "space-between" }}>
      <Typography variant="body2" color="textSecondary">
        {to ? (
          <Link component={To} to={to} color="inherit">
            {name}
          </Link>
        ) : (
          name
        )}
      </Typography>
      <Typography sx={{ fontSize: "1.8rem", fontWeight: 650, fontVariantNumeric: "tabular-nums" }}>{value}</Typography>
    </Paper>
  );
}
