import Add from "@mui/icons-material/Add";
import Button from "@mui/material/Button";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";

import { useUser } from "../../auth/user";
import { useAsked } from "../../parts/asked";
import { Page } from "../../parts/Page";
import { Empty, Loading, ProblemNote } from "../../parts/states";
import { BulkBar } from "./BulkBar";
import { filterCount, peopleQuery } from "./filters";
import { PeopleFilters } from "./PeopleFilters";
import { PeopleTable } from "./PeopleTable";
import { peoplePage } from "./peoplePage";
import { PersonForm } from "./PersonForm";

/** The people of the organization. What is searched for is in the address, so that it can be gone back to and passed on. */
export function People() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { role } = useUser();
  const [asked, ask] = useAsked();
  const [isAdding, setAdding] = useState(false);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  // Typing stays quick while the list follows.
  const query = peopleQuery(useDeferredValue(asked));
  const people = useInfiniteQuery({
    queryKey: ["people", query],
    queryFn: ({ pageParam }) => peoplePage({ ...query, ...(pageParam && { cursor: pageParam }) }),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
  });
  const rows = people.data?.pages.flatMap((page) => page.items) ?? [];
  const enrolled = new Set(people.data?.pages.flatMap((page) => page.enrolled));
  const chosen = rows.filter((person) => selected.has(person.id));
  const isNarrowed = Boolean(asked.get("q")) || filterCount(asked) > 0;
  const select = (ids: readonly string[], isSelected: boolean) => {
    const next = new Set(selected);
    for (const id of ids) {
      if (isSelected) next.add(id);
      else next.delete(id);
    }
    setSelected(next);
  };
  const actions = (
    <>
      <Button variant="outlined" component={Link} to={role === "admin" ? "/people/import" : "/people/import?from=photos"}>
        {role === "admin" ? t("people.import") : t("import.tabs.photos")}
      </Button>
      <Button variant="contained" startIcon={<Add />} onClick={() => setAdding(true)}>
        {t("people.add")}
      </Button>
    </>
  );
  return (
    <Page title={t("people.title")} actions={actions}>
      <PeopleFilters asked={asked} ask={ask} />
      {chosen.length > 0 && <BulkBar people={chosen} onClear={() => setSelected(new Set())} />}
      {people.error && <ProblemNote error={people.error} retry={() => void people.refetch()} />}
      {people.isPending && <Loading />}
      {people.isSuccess && rows.length === 0 && <Empty title={isNarrowed ? t("people.none") : t("people.noneYet")} />}
      {rows.length > 0 && <PeopleTable rows={rows} enrolled={enrolled} selected={selected} onSelect={select} />}
      {people.hasNextPage && (
        <Button sx={{ mt: 2 }} onClick={() => void people.fetchNextPage()} loading={people.isFetchingNextPage}>
          {t("state.more")}
        </Button>
      )}
      {isAdding && <PersonForm onClose={() => setAdding(false)} onSaved={(person) => void navigate(`/people/${person.id}`)} />}
    </Page>
  );
}
