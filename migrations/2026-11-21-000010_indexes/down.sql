DROP INDEX template_changes_by_person, templates_pooled;
DROP TABLE index_builds;
-- Their files have a format that earlier versions do not read.
DELETE FROM index_versions;
ALTER TABLE index_versions DROP COLUMN stages, DROP COLUMN recall, DROP COLUMN probes;
