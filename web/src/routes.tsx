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
          { path: "courses", lazy: async () => ({ Component: (await import("./pages/courses/Courses")).Courses }) },
          { path: "courses/:courseId", lazy: async () => ({ Component: (await import("./pages/courses/CoursePage")).CoursePage }) },
          { path: "holidays", lazy: async () => ({ Component: (await import("./pages/courses/Holidays")).Holidays }) },
          { path: "results", lazy: async () => ({ Component: (await import("./pages/results/Results")).Results }) },
          { path: "sessions", lazy: async () => ({ Component: (await import("./pages/sessions/Sessions")).Sessions }) },
          {
            path: "sessions/:sessionId",
            lazy: async () => ({ Component: (await import("./pages/sessions/SessionPage")).SessionPage }),
            children: [
              { index: true, lazy: async () => ({ Component: (await import("./pages/results/SessionResults")).SessionResults }) },
              { path: "photos", lazy: async () => ({ Component: (await import("./pages/photos/PhotosTab")).PhotosTab }) },
              { path: "faces", lazy: async () => ({ Component: (await import("./pages/sessions/FacesTab")).FacesTab }) },
              { path: "code", lazy: async () => ({ Component: (await import("./pages/sessions/CodeTab")).CodeTab }) },
              { path: "rules", lazy: async () => ({ Component: (await import("./pages/sessions/RulesTab")).RulesTab }) },
              { path: "live", lazy: async () => ({ Component: (await import("./pages/live/LiveTab")).LiveTab }) },
            ],
          },
          { path: "*", element: <NotFound /> },
        ],
      },
    ],
  },
]);
