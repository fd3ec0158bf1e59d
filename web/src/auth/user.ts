import { useQuery } from "@tanstack/react-query";
import { createContext, useContext } from "react";

import { api, data } from "../api/client";
import type { components } from "../api/schema";

export type User = components["schemas"]["User"];
export type Role = components["schemas"]["Role"];

export const UserContext = createContext<User | null>(null);

/** Whoever is signed in; only below `SignedIn`. */
export function useUser(): User {
  const user = useContext(UserContext);
  if (!user) throw new Error("nobody is signed in here");
  return user;
}

export function useMe(enabled: boolean) {
  return useQuery({ queryKey: ["me"], queryFn: () => data(api.GET("/api/v1/users/me")), enabled });
}
