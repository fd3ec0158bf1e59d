import createCache from "@emotion/cache";
import { CacheProvider } from "@emotion/react";
import CssBaseline from "@mui/material/CssBaseline";
import { ThemeProvider } from "@mui/material/styles";
import rtlPlugin from "@mui/stylis-plugin-rtl";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { createBrowserRouter } from "react-router";
import { RouterProvider } from "react-router/dom";
// Of the version that @emotion/cache parses with: a newer one expects of its nodes what they have not.
import { prefixer } from "stylis";

import { Problem } from "./api/problem";
import { LANGUAGES, language } from "./i18n";
import { ROUTES } from "./routes";
import { theme } from "./theme";

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";

const router = createBrowserRouter(ROUTES);

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // Only what may pass by itself is tried again.
      retry: (count, error) => error instanceof Problem && (error.status === 0 || error.status >= 500) && count < 2,
    },
  },
});

export function App() {
  // Rendered anew when the language changes.
  useTranslation();
  const { direction } = LANGUAGES[language()];
  const look = useMemo(() => theme(direction), [direction]);
  const cache = useMemo(
    () =>
      createCache(
        direction === "rtl" ? { key: "rtl", nonce, stylisPlugins: [prefixer, rtlPlugin] } : { key: "ltr", nonce },
      ),
    [direction],
  );
  return (
    <CacheProvider value={cache}>
      <ThemeProvider theme={look} defaultMode="system" noSsr>
        <CssBaseline enableColorScheme />
        <QueryClientProvider client={queries}>
          {/* Not as a transition: a field whose text is in the address would lose what is typed quickly. */}
          <RouterProvider router={router} useTransitions={false} />
        </QueryClientProvider>
      </ThemeProvider>
    </CacheProvider>
  );
}
