import { createBrowserRouter } from "react-router";

import { SignedIn } from "./auth/SignedIn";
import { NotFound } from "./parts/NotFound";
import { Layout } from "./shell/Layout";

/** Each page is a file of its own to the browser, fetched when it is opened first. */
export const router = createBrowserRouter([
  {
    element: <SignedIn />,
    children: [
      {
        element: <Layout />,
        children: [
          { index: true, lazy: async () => ({ Component: (await import("./pages/dashboard/Dashboard")).Dashboard }) },
          { path: "people", lazy: async () => ({ Component: (await import("./pages/people/People")).People }) },
          // Teaching
          {
            path: "sessions/:sessionId",
            lazy: async () => ({ Component: (await import("./pages/sessions/SessionPage")).SessionPage }),
            children: [
              { index: true, lazy: async () => ({ Component: (await import("./pages/results/SessionResults")).SessionResults }) },
              { path: "live", lazy: async () => ({ Component: (await import("./pages/live/LiveTab")).LiveTab }) },
            ],
          },
          { path: "*", element: <NotFound /> },
        ],
      },
    ],
  },
]);
