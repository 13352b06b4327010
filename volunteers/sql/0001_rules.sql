-- What the tables of volunteers promise beyond their columns: capacity, one place at a time, the order of states,
-- and sums that are right the second a row is saved.

CREATE INDEX shifts_by_start ON shifts (starts_at, id) WHERE status = 'open';
CREATE INDEX shifts_of_opportunity ON shifts (opportunity, starts_at);
CREATE INDEX shifts_by_any_start ON shifts (starts_at, id);
CREATE INDEX signups_of_shift ON signups (shift, status);
CREATE INDEX signups_of_constituent ON signups (constituent, id DESC);
CREATE INDEX signups_in_line ON signups (shift, queued_at, id) WHERE status = 'waiting';
CREATE INDEX signups_offered ON signups (offer_until) WHERE status = 'offered';
CREATE UNIQUE INDEX one_standing_signup_per_shift ON signups (shift, constituent)
    WHERE status IN ('pending', 'confirmed', 'waiting', 'offered');
CREATE INDEX signups_still_inside ON signups (arrived_at) WHERE arrived_at IS NOT NULL AND left_at IS NULL;
CREATE UNIQUE INDEX one_current_edition ON waivers (name) WHERE current;
CREATE INDEX hours_of_constituent ON hours (constituent, day DESC, id DESC);
CREATE INDEX hours_of_programme ON hours (programme, day);
CREATE INDEX hours_by_day ON hours (day DESC, id DESC);
CREATE INDEX hours_to_decide ON hours (day, id) WHERE status = 'proposed';
CREATE INDEX qualifications_ending ON qualifications_held (until_day, id) WHERE status = 'valid' AND until_day IS NOT NULL;
CREATE INDEX volunteer_totals_by_last ON volunteer_totals (last_on DESC);

CREATE FUNCTION holds_a_place(status text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT status IN ('pending', 'confirmed', 'offered') $$;

-- ---------------------------------------------------------------- one place at a time
-- The time that a sign-up takes: its shift's, and the rest that follows it.
ALTER TABLE signups ADD COLUMN occupied tstzrange;

CREATE FUNCTION time_taken_by(s shifts) RETURNS tstzrange LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT tstzrange(s.starts_at, s.ends_at + make_interval(mins => s.rest_minutes)) $$;

CREATE FUNCTION occupy() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT time_taken_by(s) INTO NEW.occupied FROM shifts s WHERE s.id = NEW.shift;
    RETURN NEW;
END $$;
CREATE TRIGGER a_signup_takes_time BEFORE INSERT OR UPDATE OF shift ON signups
    FOR EACH ROW EXECUTE FUNCTION occupy();

-- Looked at when a statement ends, so that a whole series can be moved by an hour through its own old times.
ALTER TABLE signups ADD CONSTRAINT nobody_is_in_two_places
    EXCLUDE USING gist (constituent WITH =, occupied WITH &&) WHERE (status IN ('pending', 'confirmed'))
    DEFERRABLE INITIALLY IMMEDIATE;

-- It asks first: an UPDATE of no rows would wake the triggers of signups, they those of shifts, and so on for ever.
CREATE FUNCTION occupy_again() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE moved integer[] := ARRAY (
    SELECT n.id FROM new_rows n JOIN old_rows o USING (id)
     WHERE (n.starts_at, n.ends_at, n.rest_minutes) IS DISTINCT FROM (o.starts_at, o.ends_at, o.rest_minutes));
BEGIN
    IF moved <> '{}' THEN
        UPDATE signups u SET occupied = time_taken_by(s) FROM shifts s WHERE u.shift = s.id AND s.id = ANY (moved);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER a_moved_shift_moves_its_signups AFTER UPDATE ON shifts
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION occupy_again();

CREATE FUNCTION take_rest_from_opportunity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT rest_minutes INTO NEW.rest_minutes FROM opportunities WHERE id = NEW.opportunity;
    RETURN NEW;
END $$;
CREATE TRIGGER a_shift_rests_like_its_opportunity BEFORE INSERT OR UPDATE OF opportunity ON shifts
    FOR EACH ROW EXECUTE FUNCTION take_rest_from_opportunity();

-- ---------------------------------------------------------------- capacity
-- shifts.taken and shifts.waiting are kept by sets; the shift's own CHECK refuses one person too many, and the lock
-- on its row lets simultaneous sign-ups pass one after the other.
CREATE FUNCTION count_new_signups() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE shifts s SET taken = s.taken + d.taken, waiting = s.waiting + d.waiting
      FROM (SELECT shift, coalesce(sum(size) FILTER (WHERE holds_a_place(status)), 0) AS taken,
                   coalesce(sum(size) FILTER (WHERE status = 'waiting'), 0) AS waiting
              FROM new_rows GROUP BY shift) d
     WHERE s.id = d.shift AND (d.taken, d.waiting) <> (0, 0);
    RETURN NULL;
END $$;

CREATE FUNCTION count_gone_signups() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE shifts s SET taken = s.taken - d.taken, waiting = s.waiting - d.waiting
      FROM (SELECT shift, coalesce(sum(size) FILTER (WHERE holds_a_place(status)), 0) AS taken,
                   coalesce(sum(size) FILTER (WHERE status = 'waiting'), 0) AS waiting
              FROM old_rows GROUP BY shift) d
     WHERE s.id = d.shift AND (d.taken, d.waiting) <> (0, 0);
    RETURN NULL;
END $$;

CREATE FUNCTION count_changed_signups() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- By sets: as a join, the planner compares each row with each, which is seconds when a series moves.
    IF NOT EXISTS (SELECT id, shift, status, size FROM new_rows EXCEPT SELECT id, shift, status, size FROM old_rows) THEN
        RETURN NULL;
    END IF;
    UPDATE shifts s SET taken = s.taken + d.taken, waiting = s.waiting + d.waiting
      FROM (SELECT shift, sum(taken) AS taken, sum(waiting) AS waiting
              FROM (SELECT shift, CASE WHEN holds_a_place(status) THEN size ELSE 0 END AS taken,
                           CASE WHEN status = 'waiting' THEN size ELSE 0 END AS waiting
                      FROM new_rows
                 UNION ALL
                    SELECT shift, CASE WHEN holds_a_place(status) THEN -size ELSE 0 END,
                           CASE WHEN status = 'waiting' THEN -size ELSE 0 END
                      FROM old_rows) parts
          GROUP BY shift) d
     WHERE s.id = d.shift AND (d.taken, d.waiting) <> (0, 0);
    RETURN NULL;
END $$;

CREATE TRIGGER new_signups_are_counted AFTER INSERT ON signups
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_new_signups();
CREATE TRIGGER gone_signups_are_counted AFTER DELETE ON signups
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION count_gone_signups();
CREATE TRIGGER changed_signups_are_counted AFTER UPDATE ON signups
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION count_changed_signups();

-- ---------------------------------------------------------------- states
CREATE FUNCTION guard_signup() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status <> OLD.status AND NOT (OLD.status, NEW.status) IN (
        ('pending', 'confirmed'), ('pending', 'declined'), ('pending', 'withdrawn'), ('pending', 'waiting'),
        ('pending', 'cancelled'),
        ('confirmed', 'withdrawn'), ('confirmed', 'declined'), ('confirmed', 'waiting'), ('confirmed', 'cancelled'),
        ('waiting', 'offered'), ('waiting', 'confirmed'), ('waiting', 'pending'), ('waiting', 'withdrawn'),
        ('waiting', 'declined'), ('waiting', 'cancelled'),
        ('offered', 'confirmed'), ('offered', 'pending'), ('offered', 'lapsed'), ('offered', 'waiting'),
        ('offered', 'withdrawn'), ('offered', 'declined'), ('offered', 'cancelled'))
    THEN
        RAISE EXCEPTION 'sign-up %: % cannot become %', OLD.id, OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'states_follow_one_another';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER a_signup_is_guarded BEFORE UPDATE OF status ON signups
    FOR EACH ROW EXECUTE FUNCTION guard_signup();

CREATE TRIGGER check_ins_are_kept BEFORE UPDATE OR DELETE ON check_ins
    FOR EACH ROW EXECUTE FUNCTION refuse_to_alter();
CREATE TRIGGER waiver_signatures_are_kept BEFORE UPDATE OR DELETE ON waiver_signatures
    FOR EACH ROW EXECUTE FUNCTION refuse_to_alter();

-- ---------------------------------------------------------------- hours
-- Totals are counted again for the people and years that a statement touched: right after a change of any column.
CREATE FUNCTION recount_hours(who integer[]) RETURNS void LANGUAGE sql AS $$
    -- One statement after another for a person, or two would each miss what the other adds.
    SELECT pg_advisory_xact_lock(hashtextextended('hours:' || id, 0)) FROM unnest(who) AS people (id) ORDER BY id;
    DELETE FROM volunteer_totals t WHERE t.constituent = ANY (who);
    INSERT INTO volunteer_totals (constituent, year, minutes, times, first_on, last_on)
    SELECT constituent, extract(year FROM day), sum(minutes), count(*), min(day), max(day)
      FROM hours WHERE constituent = ANY (who) AND status = 'approved'
  GROUP BY 1, 2
$$;

CREATE FUNCTION count_new_hours() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM recount_hours(ARRAY (SELECT DISTINCT constituent FROM new_rows WHERE status = 'approved' ORDER BY 1));
    RETURN NULL;
END $$;
CREATE FUNCTION count_changed_hours() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM recount_hours(ARRAY (SELECT constituent FROM new_rows UNION SELECT constituent FROM old_rows ORDER BY 1));
    RETURN NULL;
END $$;
CREATE FUNCTION count_gone_hours() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM recount_hours(ARRAY (SELECT DISTINCT constituent FROM old_rows WHERE status = 'approved' ORDER BY 1));
    RETURN NULL;
END $$;

CREATE TRIGGER new_hours_are_counted AFTER INSERT ON hours
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_new_hours();
CREATE TRIGGER changed_hours_are_counted AFTER UPDATE ON hours
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_changed_hours();
CREATE TRIGGER gone_hours_are_counted AFTER DELETE ON hours
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION count_gone_hours();
