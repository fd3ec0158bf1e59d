import { createBrowserRouter } from "react-router";

import { SignedIn } from "./auth/SignedIn";
import { NotFound } from "./parts/NotFound";
import { Loading } from "./parts/states";
import { Layout } from "./shell/Layout";

/** Each page is a file of its own to the browser, fetched when it is opened first. */
export const router = createBrowserRouter([
  {
    element: <SignedIn />,
    hydrateFallbackElement: <Loading />,
    children: [
      {
        element: <Layout />,
        children: [
          { index: true, lazy: async () => ({ Component: (await import("./pages/dashboard/Dashboard")).Dashboard }) },
          { path: "people", lazy: async () => ({ Component: (await import("./pages/people/People")).People }) },
          { path: "people/import", lazy: async () => ({ Component: (await import("./pages/import/Import")).Import }) },
          { path: "people/:personId", lazy: async () => ({ Component: (await import("./pages/person/Person")).Person }) },
          { path: "people/:personId/enroll", lazy: async () => ({ Component: (await import("./pages/enrollment/Enroll")).Enroll }) },
          { path: "erasures", lazy: async () => ({ Component: (await import("./pages/erasures/Erasures")).Erasures }) },
          { path: "*", element: <NotFound /> },
        ],
      },
    ],
  },
]);
