import Tabs, { type TabsProps } from "@mui/material/Tabs";

/** The tabs of a page, above what they show; they scroll where they do not fit. */
export function PageTabs({ sx, ...rest }: Omit<TabsProps, "variant">) {
  const line = { borderBottom: 1, borderColor: "divider", mb: 3 };
  return <Tabs variant="scrollable" allowScrollButtonsMobile sx={[line, ...(Array.isArray(sx) ? sx : [sx])]} {...rest} />;
}
