-- What the tables of receipts promise beyond their columns.

CREATE UNIQUE INDEX one_live_receipt_per_gift ON receipt_lines (gift) WHERE live;
CREATE INDEX receipts_by_newness ON receipts (issued_at DESC, id DESC);

CREATE TRIGGER receipts_are_kept BEFORE UPDATE OR DELETE ON receipts
    FOR EACH ROW EXECUTE FUNCTION refuse_to_alter();
CREATE TRIGGER receipt_voids_are_kept BEFORE UPDATE OR DELETE ON receipt_voids
    FOR EACH ROW EXECUTE FUNCTION refuse_to_alter();
CREATE TRIGGER receipt_files_are_kept BEFORE UPDATE OR DELETE ON receipt_files
    FOR EACH ROW EXECUTE FUNCTION refuse_to_alter();

-- A line may die with its receipt, nothing else of it changes. The gift is a link, not printed: merging may move it.
CREATE FUNCTION guard_receipt_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (NEW.live AND NOT OLD.live)
       OR (OLD.receipt, OLD.amount, OLD.benefit, OLD.deductible)
          IS DISTINCT FROM (NEW.receipt, NEW.amount, NEW.benefit, NEW.deductible)
    THEN
        RAISE EXCEPTION 'a receipt is never altered' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER receipt_lines_are_kept BEFORE UPDATE OR DELETE ON receipt_lines
    FOR EACH ROW EXECUTE FUNCTION guard_receipt_line();

-- The series counts up by one; what the next number is can be believed.
CREATE FUNCTION guard_series() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.next_number <> OLD.next_number + 1 OR NEW.code <> OLD.code THEN
        RAISE EXCEPTION 'series % counts one by one', OLD.code USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER series_counts_one_by_one BEFORE UPDATE ON receipt_series
    FOR EACH ROW EXECUTE FUNCTION guard_series();
