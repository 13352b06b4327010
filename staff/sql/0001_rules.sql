-- One organisation at first: every gift and series names its entity all the same.
CREATE UNIQUE INDEX one_organisation_for_now ON organisations ((true));
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
