-- Snapshots of before have a format that is not read any more: workers begin with Postgres, and the files are swept with the
-- next build.
DELETE FROM index_versions;
ALTER TABLE index_versions
    -- How many lists of an inverted file are searched; NULL: every vector is looked at.
    ADD COLUMN probes integer CHECK (probes > 0),
    -- How often the nearest of a sample was the one that exhaustive search finds. NULL: nothing can be missed.
    ADD COLUMN recall real CHECK (recall BETWEEN 0 AND 1),
    -- How long each stage of the build took, in milliseconds, by its name.
    ADD COLUMN stages jsonb NOT NULL DEFAULT '{}';

-- Every build of an index that was asked for or begun. The rows that wait are the inbox of the schedulers.
CREATE TABLE index_builds (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations ON DELETE CASCADE,
    contract        text NOT NULL,
    cause           text NOT NULL CHECK (cause IN ('nightly', 'requested', 'growth', 'removal')),
    state           text NOT NULL CHECK (state IN
        ('waiting', 'running', 'new', 'unchanged', 'emptied', 'failed', 'interrupted')),
    -- The stage that it is in, or that it ended in.
    stage           text CHECK (stage IN
        ('reading', 'training', 'adding', 'checking', 'writing', 'verifying', 'recording')),
    templates_done  bigint NOT NULL DEFAULT 0,
    templates_total bigint NOT NULL DEFAULT 0,
    -- Why it failed.
    problem         text,
    -- What it made. No reference: the history outlives the snapshots.
    version_id      uuid,
    requested_at    timestamptz NOT NULL,
    started_at      timestamptz,
    ended_at        timestamptz,
    updated_at      timestamptz NOT NULL,
    CHECK ((state = 'waiting') = (started_at IS NULL)),
    CHECK ((state IN ('waiting', 'running')) = (ended_at IS NULL)),
    CHECK ((state = 'new') = (version_id IS NOT NULL))
);
CREATE UNIQUE INDEX index_builds_waiting ON index_builds (organization_id, contract) WHERE state = 'waiting';
CREATE INDEX index_builds_unended ON index_builds (requested_at, id) WHERE ended_at IS NULL;
CREATE INDEX index_builds_by_organization ON index_builds (organization_id, id);

-- Builds read the pooled templates of an organization in the order of their ids. Of 200,000 templates of four organizations, ten
-- a person, a page of 2,000 touched 3,600 pages with this and 23,000 without; an index without the condition was not used.
CREATE INDEX templates_pooled ON templates (organization_id, contract, id) WHERE origin = 'pooled';
-- Whether somebody once had templates: 0.03 ms instead of 10 ms among 200,000 changes.
CREATE INDEX template_changes_by_person ON template_changes (person_id);
