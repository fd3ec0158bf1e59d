import type { RouteObject } from "react-router";

import { Only } from "./auth/Only";
import { SignedIn } from "./auth/SignedIn";
import { Broken } from "./parts/Broken";
import { NotFound } from "./parts/NotFound";
import { Loading } from "./parts/states";
import { Layout } from "./shell/Layout";

/** Each page is a file of its own to the browser, fetched when it is opened first. */
const PAGES: RouteObject[] = [
  { index: true, lazy: async () => ({ Component: (await import("./pages/dashboard/Start")).Start }) },
  { path: "me", lazy: async () => ({ Component: (await import("./pages/own/Own")).Own }) },
  { path: "me/enroll", lazy: async () => ({ Component: (await import("./pages/own/OwnEnrollment")).OwnEnrollment }) },
  { path: "check-in", lazy: async () => ({ Component: (await import("./pages/own/CheckIn")).CheckIn }) },
  {
    element: <Only roles={["admin", "teacher"]} />,
    children: [
      { path: "people", lazy: async () => ({ Component: (await import("./pages/people/People")).People }) },
      { path: "people/import", lazy: async () => ({ Component: (await import("./pages/import/Import")).Import }) },
      { path: "people/:personId", lazy: async () => ({ Component: (await import("./pages/person/Person")).Person }) },
      { path: "people/:personId/enroll", lazy: async () => ({ Component: (await import("./pages/enrollment/Enroll")).Enroll }) },
      { path: "enrollments", lazy: async () => ({ Component: (await import("./pages/waiting/Waiting")).Waiting }) },
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
    ],
  },
  {
    element: <Only roles={["admin"]} />,
    children: [
      { path: "erasures", lazy: async () => ({ Component: (await import("./pages/erasures/Erasures")).Erasures }) },
      { path: "cameras", lazy: async () => ({ Component: (await import("./pages/cameras/Cameras")).Cameras }) },
      { path: "users", lazy: async () => ({ Component: (await import("./pages/users/Users")).Users }) },
      { path: "index", lazy: async () => ({ Component: (await import("./pages/index/Index")).Index }) },
      { path: "audit", lazy: async () => ({ Component: (await import("./pages/audit/Audit")).Audit }) },
      { path: "settings", lazy: async () => ({ Component: (await import("./pages/settings/Settings")).Settings }) },
      { path: "kiosk", lazy: async () => ({ Component: (await import("./pages/kiosk/KioskSetup")).KioskSetup }) },
    ],
  },
  {
    element: <Only roles={["admin"]} isOfInstallation />,
    children: [{ path: "jobs", lazy: async () => ({ Component: (await import("./pages/jobs/Jobs")).Jobs }) }],
  },
  { path: "*", element: <NotFound /> },
];

/** Every address of the panel. */
export const ROUTES: RouteObject[] = [
  {
    hydrateFallbackElement: <Loading />,
    errorElement: <Broken />,
    children: [
      // Whoever stands before a kiosk is not signed in.
      { path: "kiosk/:sessionId", lazy: async () => ({ Component: (await import("./pages/kiosk/Kiosk")).Kiosk }) },
      {
        element: <SignedIn />,
        children: [
          {
            element: <Layout />,
            // A page that breaks leaves the menu.
            children: [{ errorElement: <Broken />, children: PAGES }],
          },
        ],
      },
    ],
  },
];
