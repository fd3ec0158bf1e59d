// Every address of the panel, as its routes say.

import { isValidElement } from "react";
import type { RouteObject } from "react-router";

import type { Role } from "../../src/auth/user";
import { ROUTES } from "../../src/routes";

export interface Address {
  /** Such as `/people/:personId`. */
  pattern: string;
  /** Whose roles may see it; everybody's where nothing is said. */
  roles: readonly Role[] | null;
}

function rolesOf(route: RouteObject): readonly Role[] | null {
  if (!isValidElement<{ roles?: readonly Role[] }>(route.element)) return null;
  return route.element.props.roles ?? null;
}

function walk(routes: readonly RouteObject[], before: string, roles: readonly Role[] | null): Address[] {
  return routes.flatMap((route) => {
    const pattern = route.path === undefined ? before : `${before.replace(/\/$/, "")}/${route.path}`;
    const allowed = rolesOf(route) ?? roles;
    return route.children ? walk(route.children, pattern, allowed) : [{ pattern, roles: allowed }];
  });
}

export const ADDRESSES: readonly Address[] = walk(ROUTES, "/", null);

/** The address with an id for each of its names. */
export function filled(pattern: string, ids: Readonly<Record<string, string>>): string {
  return pattern.replace("*", "there/is/no/such/page").replace(/:(\w+)/g, (_, name: string) => {
    const id = ids[name];
    if (!id) throw new Error(`the school has no ${name} for ${pattern}`);
    return id;
  });
}
