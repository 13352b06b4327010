-- What the tables of kit promise beyond their columns.

CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE INDEX changes_of_object ON changes (object_kind, object_id, id DESC);

-- For tables that only grow: the grants keep the app's role off, this keeps everybody off.
CREATE FUNCTION refuse_to_alter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER changes_are_kept BEFORE UPDATE OR DELETE ON changes
    FOR EACH ROW EXECUTE FUNCTION refuse_to_alter();
