// Lists that come in pages.

import Button from "@mui/material/Button";
import { type UseInfiniteQueryResult, useInfiniteQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { Empty, Loading, ProblemNote } from "./states";

interface OnePage<T> {
  items: T[];
  next?: string | null;
}

export interface Rows<T> {
  rows: readonly T[];
  query: UseInfiniteQueryResult<unknown>;
}

/** A list by its cursor; `fetchPage` gets "" for the first page. */
export function useList<T>(
  key: readonly unknown[],
  fetchPage: (cursor: string) => Promise<OnePage<T>>,
  options: { enabled?: boolean; refetchInterval?: number } = {},
): Rows<T> {
  const query = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) => fetchPage(pageParam),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
    ...options,
  });
  return { rows: query.data?.pages.flatMap((page) => page.items) ?? [], query };
}

/** What there is of a list, in each of its states. */
export function List<T>({ list, empty, children }: { list: Rows<T>; empty: ReactNode; children: (rows: readonly T[]) => ReactNode }) {
  const { t } = useTranslation();
  const { rows, query } = list;
  return (
    <>
      {query.error && <ProblemNote error={query.error} retry={() => void query.refetch()} />}
      {query.isPending && <Loading />}
      {query.isSuccess && rows.length === 0 && (typeof empty === "string" ? <Empty title={empty} /> : empty)}
      {rows.length > 0 && children(rows)}
      {query.hasNextPage && (
        <Button sx={{ mt: 2 }} onClick={() => void query.fetchNextPage()} loading={query.isFetchingNextPage}>
          {t("state.more")}
        </Button>
      )}
    </>
  );
}
