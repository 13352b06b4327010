CREATE INDEX import_runs_by_newness ON import_runs (created_at DESC, id DESC);
