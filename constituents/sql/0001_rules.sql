-- What the tables of constituents promise beyond their columns.

-- A stored order that is the same on every server, whatever its locale.
ALTER TABLE constituents ALTER COLUMN sort_key TYPE varchar(300) COLLATE "C";
CREATE INDEX constituents_in_order ON constituents (sort_key, id) WHERE archived_at IS NULL;
CREATE INDEX constituents_in_order_by_kind ON constituents (kind, sort_key, id) WHERE archived_at IS NULL;
CREATE INDEX archived_constituents_in_order ON constituents (sort_key, id) WHERE archived_at IS NOT NULL;
CREATE INDEX constituents_by_newness ON constituents (created_at, id);

-- A person is in one household at a time.
ALTER TABLE memberships ADD CONSTRAINT one_household_at_a_time
    EXCLUDE USING gist (person WITH =, daterange(from_day, until_day) WITH &&);

CREATE UNIQUE INDEX one_preferred_email ON emails (constituent) WHERE preferred;
CREATE UNIQUE INDEX one_preferred_phone ON phones (constituent) WHERE preferred;
CREATE UNIQUE INDEX one_preferred_address ON addresses (constituent) WHERE preferred;

CREATE INDEX timeline_of_constituent ON timeline_entries (constituent, happened_on DESC, id DESC);

CREATE UNIQUE INDEX one_open_task_per_matter ON tasks (kind, route, route_id) WHERE done_at IS NULL AND route_id IS NOT NULL;
CREATE INDEX open_tasks ON tasks (created_at, id) WHERE done_at IS NULL;
CREATE INDEX open_duplicate_candidates ON duplicate_candidates (created_at, id) WHERE status = 'open';
CREATE INDEX open_proposals ON proposals (constituent) WHERE status = 'open';

CREATE INDEX giving_totals_by_total ON giving_totals (currency, hard_total DESC, constituent DESC);
CREATE INDEX giving_totals_by_last ON giving_totals (currency, last_on DESC NULLS LAST, constituent DESC);
CREATE INDEX giving_years_by_year ON giving_years (year, currency, hard_total DESC);

CREATE INDEX closed_tasks ON tasks (done_at DESC, id DESC) WHERE done_at IS NOT NULL;
-- A matter without a page of its own is open once, too.
CREATE UNIQUE INDEX one_open_task_per_title ON tasks (kind, md5(title), coalesce(constituent, 0))
    WHERE done_at IS NULL AND route_id IS NULL;
