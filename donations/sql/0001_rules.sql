-- What the tables of donations promise beyond their columns: sums, states, the ledger, and the summaries
-- that constituents owns and gifts fill.

CREATE UNIQUE INDEX one_general_fund ON funds (is_general) WHERE is_general;

CREATE INDEX gifts_of_donor ON gifts (donor, given_on DESC, id DESC);
CREATE INDEX gifts_by_day ON gifts (given_on DESC, id DESC);
CREATE INDEX gifts_by_amount ON gifts (currency, amount, given_on DESC, id DESC);
CREATE INDEX gifts_by_status ON gifts (status, given_on DESC, id DESC) WHERE status <> 'settled';
CREATE INDEX gifts_by_method ON gifts (method, given_on DESC, id DESC);
CREATE INDEX gifts_by_kind ON gifts (kind, given_on DESC, id DESC) WHERE kind <> 'cash';
CREATE INDEX gifts_of_campaign ON gifts (campaign, given_on DESC, id DESC) WHERE campaign IS NOT NULL;
CREATE INDEX gifts_of_appeal ON gifts (appeal, given_on DESC, id DESC) WHERE appeal IS NOT NULL;
CREATE INDEX gifts_by_cheque ON gifts (cheque_number) WHERE cheque_number <> '';
CREATE INDEX gifts_not_thanked ON gifts (given_on DESC, id DESC) WHERE thanked_at IS NULL;
CREATE INDEX gifts_with_a_receipt_to_correct ON gifts (given_on DESC, id DESC) WHERE receipt_needs_correction;
CREATE UNIQUE INDEX a_journal_is_reversed_once ON journals (reverses) WHERE reverses IS NOT NULL;
CREATE INDEX postings_by_account ON postings (account, currency);

-- ---------------------------------------------------------------- bulk
-- A bulk load says `SET LOCAL almoner.bulk = 'on'`, checks its stage as a set, and is spared one check per row.
CREATE FUNCTION in_bulk() RETURNS boolean LANGUAGE sql STABLE AS
    $$ SELECT coalesce(current_setting('almoner.bulk', true), '') = 'on' $$;

-- ---------------------------------------------------------------- splits sum to the gift
CREATE FUNCTION check_gift_splits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    which bigint := CASE WHEN TG_TABLE_NAME = 'gifts' THEN (to_jsonb(NEW) ->> 'id')::bigint
                         ELSE coalesce((to_jsonb(NEW) ->> 'gift')::bigint, (to_jsonb(OLD) ->> 'gift')::bigint) END;
    whole bigint;
    parts bigint;
BEGIN
    SELECT amount INTO whole FROM gifts WHERE id = which;
    SELECT sum(amount) INTO parts FROM gift_splits WHERE gift = which;
    IF whole IS NOT NULL AND parts IS DISTINCT FROM whole THEN
        RAISE EXCEPTION 'gift %: its splits sum to %, not to %', which, coalesce(parts, 0), whole
            USING ERRCODE = 'check_violation', CONSTRAINT = 'splits_sum_to_the_gift';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER gift_has_its_splits AFTER INSERT OR UPDATE OF amount ON gifts
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NOT in_bulk()) EXECUTE FUNCTION check_gift_splits();
CREATE CONSTRAINT TRIGGER splits_sum_to_the_gift AFTER INSERT OR UPDATE OR DELETE ON gift_splits
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NOT in_bulk()) EXECUTE FUNCTION check_gift_splits();

-- ---------------------------------------------------------------- states and locks of a gift
CREATE FUNCTION guard_gift() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status <> OLD.status AND NOT (OLD.status, NEW.status) IN (
        ('pending', 'settled'), ('pending', 'failed'), ('pending', 'abandoned'), ('pending', 'voided'),
        ('failed', 'settled'), ('abandoned', 'settled'),
        ('settled', 'partly_refunded'), ('settled', 'refunded'), ('settled', 'disputed'),
        ('settled', 'bounced'), ('settled', 'voided'),
        ('partly_refunded', 'refunded'), ('partly_refunded', 'disputed'), ('partly_refunded', 'settled'),
        ('refunded', 'partly_refunded'), ('refunded', 'settled'), ('refunded', 'disputed'),
        ('disputed', 'settled'), ('disputed', 'partly_refunded'), ('disputed', 'refunded'), ('disputed', 'lost'))
    THEN
        RAISE EXCEPTION 'gift %: % cannot become %', OLD.id, OLD.status, NEW.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'states_follow_one_another';
    END IF;
    IF OLD.receipted_at IS NOT NULL AND NEW.receipted_at IS NOT NULL
       AND (OLD.amount, OLD.currency, OLD.given_on, OLD.kind, OLD.in_kind_description,
            OLD.benefit_description, OLD.benefit_value, OLD.fee_cover)
           IS DISTINCT FROM
           (NEW.amount, NEW.currency, NEW.given_on, NEW.kind, NEW.in_kind_description,
            NEW.benefit_description, NEW.benefit_value, NEW.fee_cover)
    THEN
        RAISE EXCEPTION 'gift % is on a receipt: void the receipt first', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_receipted_gift_is_locked';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER gift_is_guarded BEFORE UPDATE ON gifts FOR EACH ROW EXECUTE FUNCTION guard_gift();

CREATE FUNCTION refuse_to_delete_gift() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'gift % is never deleted', OLD.id USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER gifts_are_kept BEFORE DELETE ON gifts FOR EACH ROW EXECUTE FUNCTION refuse_to_delete_gift();
CREATE TRIGGER gift_events_are_kept BEFORE UPDATE OR DELETE ON gift_events
    FOR EACH ROW EXECUTE FUNCTION refuse_to_alter();

-- ---------------------------------------------------------------- the ledger
-- Postings of a journal come in one statement, so the sum is looked at once per statement, as a set:
-- at once rather than at commit, and a million rows cost one aggregate.
CREATE FUNCTION check_journals_sum_to_zero() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong record;
BEGIN
    SELECT p.journal, p.currency, sum(p.amount) AS off INTO wrong
      FROM postings p
     WHERE p.journal IN (SELECT journal FROM new_postings)
  GROUP BY p.journal, p.currency
    HAVING sum(p.amount) <> 0
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'journal % is off by % %', wrong.journal, wrong.off, wrong.currency
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_journal_sums_to_zero';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER a_journal_sums_to_zero AFTER INSERT ON postings
    REFERENCING NEW TABLE AS new_postings FOR EACH STATEMENT EXECUTE FUNCTION check_journals_sum_to_zero();

CREATE FUNCTION check_journal_has_postings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM postings WHERE journal = NEW.id) THEN
        RAISE EXCEPTION 'journal % has no postings', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_journal_has_postings';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER a_journal_has_postings AFTER INSERT ON journals
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NOT in_bulk()) EXECUTE FUNCTION check_journal_has_postings();

CREATE TRIGGER journals_are_kept BEFORE UPDATE OR DELETE ON journals
    FOR EACH ROW EXECUTE FUNCTION refuse_to_alter();
CREATE TRIGGER postings_are_kept BEFORE UPDATE OR DELETE ON postings
    FOR EACH ROW EXECUTE FUNCTION refuse_to_alter();

-- ---------------------------------------------------------------- summaries of giving
-- Cash counts while it is ours: settled, or partly refunded less what went back. In-kind stands apart.
CREATE FUNCTION fiscal_year(day date, start_month integer) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT extract(year FROM day)::integer
            + CASE WHEN start_month > 1 AND extract(month FROM day) >= start_month THEN 1 ELSE 0 END $$;

-- One row per credit that counts: hard ones from gifts, soft ones from soft credits.
CREATE VIEW giving_credits AS
    SELECT g.donor AS constituent, g.currency, g.id AS gift, g.given_on,
           fiscal_year(g.given_on, o.fiscal_year_start) AS year,
           CASE WHEN g.kind IN ('in_kind', 'vehicle') THEN 'in_kind' ELSE 'hard' END AS credit,
           g.amount - g.refunded_amount AS amount
      FROM gifts g JOIN organisations o ON o.id = g.organisation
     WHERE g.status IN ('settled', 'partly_refunded')
 UNION ALL
    SELECT s.constituent, g.currency, g.id, g.given_on,
           fiscal_year(g.given_on, o.fiscal_year_start), 'soft', s.amount
      FROM soft_credits s JOIN gifts g ON g.id = s.gift JOIN organisations o ON o.id = g.organisation
     WHERE g.status IN ('settled', 'partly_refunded');

-- Counts some constituents anew. They are locked first, so that of two changes at once the second sees the first.
CREATE FUNCTION recount_giving(whose integer[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM constituents WHERE id = ANY (whose) ORDER BY id FOR NO KEY UPDATE;

    DELETE FROM giving_years WHERE constituent = ANY (whose);
    INSERT INTO giving_years (constituent, currency, year, hard_total, hard_count, soft_total, soft_count,
                              in_kind_total, in_kind_count)
    SELECT constituent, currency, year,
           coalesce(sum(amount) FILTER (WHERE credit = 'hard'), 0), count(*) FILTER (WHERE credit = 'hard'),
           coalesce(sum(amount) FILTER (WHERE credit = 'soft'), 0), count(*) FILTER (WHERE credit = 'soft'),
           coalesce(sum(amount) FILTER (WHERE credit = 'in_kind'), 0), count(*) FILTER (WHERE credit = 'in_kind')
      FROM giving_credits WHERE constituent = ANY (whose)
  GROUP BY constituent, currency, year;

    DELETE FROM giving_totals WHERE constituent = ANY (whose);
    INSERT INTO giving_totals (constituent, currency, hard_total, hard_count, soft_total, soft_count,
                               in_kind_total, in_kind_count, first_on, last_on, last_amount,
                               largest_amount, largest_on)
    SELECT constituent, currency,
           coalesce(sum(amount) FILTER (WHERE credit = 'hard'), 0), count(*) FILTER (WHERE credit = 'hard'),
           coalesce(sum(amount) FILTER (WHERE credit = 'soft'), 0), count(*) FILTER (WHERE credit = 'soft'),
           coalesce(sum(amount) FILTER (WHERE credit = 'in_kind'), 0), count(*) FILTER (WHERE credit = 'in_kind'),
           min(given_on) FILTER (WHERE credit = 'hard'), max(given_on) FILTER (WHERE credit = 'hard'),
           (array_agg(amount ORDER BY given_on DESC, gift DESC) FILTER (WHERE credit = 'hard'))[1],
           max(amount) FILTER (WHERE credit = 'hard'),
           (array_agg(given_on ORDER BY amount DESC, given_on DESC, gift DESC) FILTER (WHERE credit = 'hard'))[1]
      FROM giving_credits WHERE constituent = ANY (whose)
  GROUP BY constituent, currency;
END $$;

-- New credits are added to what stands: one more gift costs the same for the first and for the ten-thousandth.
CREATE FUNCTION add_giving_of_gifts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM constituents WHERE id IN (SELECT donor FROM new_gifts WHERE status IN ('settled', 'partly_refunded'))
      ORDER BY id FOR NO KEY UPDATE;
    WITH credits AS (
        SELECT g.donor AS constituent, g.currency, g.id AS gift, g.given_on,
               g.kind NOT IN ('in_kind', 'vehicle') AS hard, g.amount - g.refunded_amount AS amount
          FROM new_gifts g WHERE g.status IN ('settled', 'partly_refunded'))
    INSERT INTO giving_totals AS t (constituent, currency, hard_total, hard_count, in_kind_total, in_kind_count,
                                    first_on, last_on, last_amount, largest_amount, largest_on)
    SELECT constituent, currency,
           coalesce(sum(amount) FILTER (WHERE hard), 0), count(*) FILTER (WHERE hard),
           coalesce(sum(amount) FILTER (WHERE NOT hard), 0), count(*) FILTER (WHERE NOT hard),
           min(given_on) FILTER (WHERE hard), max(given_on) FILTER (WHERE hard),
           (array_agg(amount ORDER BY given_on DESC, gift DESC) FILTER (WHERE hard))[1],
           max(amount) FILTER (WHERE hard),
           (array_agg(given_on ORDER BY amount DESC, given_on DESC, gift DESC) FILTER (WHERE hard))[1]
      FROM credits GROUP BY constituent, currency
    ON CONFLICT (constituent, currency) DO UPDATE SET
        hard_total = t.hard_total + excluded.hard_total, hard_count = t.hard_count + excluded.hard_count,
        in_kind_total = t.in_kind_total + excluded.in_kind_total,
        in_kind_count = t.in_kind_count + excluded.in_kind_count,
        first_on = least(t.first_on, excluded.first_on),
        last_amount = CASE WHEN t.last_on IS NULL OR excluded.last_on >= t.last_on
                           THEN excluded.last_amount ELSE t.last_amount END,
        last_on = greatest(t.last_on, excluded.last_on),
        largest_on = CASE WHEN t.largest_amount IS NULL
                            OR (excluded.largest_amount, excluded.largest_on) >= (t.largest_amount, t.largest_on)
                          THEN excluded.largest_on ELSE t.largest_on END,
        largest_amount = greatest(t.largest_amount, excluded.largest_amount);

    INSERT INTO giving_years AS t (constituent, currency, year, hard_total, hard_count, in_kind_total, in_kind_count)
    SELECT g.donor, g.currency, fiscal_year(g.given_on, o.fiscal_year_start),
           coalesce(sum(g.amount - g.refunded_amount) FILTER (WHERE g.kind NOT IN ('in_kind', 'vehicle')), 0),
           count(*) FILTER (WHERE g.kind NOT IN ('in_kind', 'vehicle')),
           coalesce(sum(g.amount - g.refunded_amount) FILTER (WHERE g.kind IN ('in_kind', 'vehicle')), 0),
           count(*) FILTER (WHERE g.kind IN ('in_kind', 'vehicle'))
      FROM new_gifts g JOIN organisations o ON o.id = g.organisation
     WHERE g.status IN ('settled', 'partly_refunded')
  GROUP BY 1, 2, 3
    ON CONFLICT (constituent, currency, year) DO UPDATE SET
        hard_total = t.hard_total + excluded.hard_total, hard_count = t.hard_count + excluded.hard_count,
        in_kind_total = t.in_kind_total + excluded.in_kind_total,
        in_kind_count = t.in_kind_count + excluded.in_kind_count;
    RETURN NULL;
END $$;
CREATE TRIGGER giving_is_added AFTER INSERT ON gifts
    REFERENCING NEW TABLE AS new_gifts FOR EACH STATEMENT EXECUTE FUNCTION add_giving_of_gifts();

CREATE FUNCTION recount_giving_of_changed_gifts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE whose integer[];
BEGIN
    WITH changed AS (
        SELECT o.id, o.donor AS was, n.donor AS now_of
          FROM old_gifts o JOIN new_gifts n USING (id)
         WHERE (o.donor, o.currency, o.kind, o.amount, o.refunded_amount, o.given_on, o.organisation,
                o.status IN ('settled', 'partly_refunded'))
               IS DISTINCT FROM
               (n.donor, n.currency, n.kind, n.amount, n.refunded_amount, n.given_on, n.organisation,
                n.status IN ('settled', 'partly_refunded')))
    SELECT array_agg(DISTINCT c) INTO whose
      FROM (SELECT was FROM changed UNION SELECT now_of FROM changed
            UNION SELECT s.constituent FROM soft_credits s JOIN changed ON changed.id = s.gift) AS all_of(c);
    IF whose IS NOT NULL THEN
        PERFORM recount_giving(whose);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER giving_is_recounted AFTER UPDATE ON gifts
    REFERENCING OLD TABLE AS old_gifts NEW TABLE AS new_gifts
    FOR EACH STATEMENT EXECUTE FUNCTION recount_giving_of_changed_gifts();

CREATE FUNCTION recount_giving_of_soft_credits() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE whose integer[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT constituent) INTO whose FROM new_credits;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT constituent) INTO whose FROM old_credits;
    ELSE
        SELECT array_agg(DISTINCT constituent) INTO whose
          FROM (SELECT constituent FROM new_credits UNION SELECT constituent FROM old_credits) both_of;
    END IF;
    IF whose IS NOT NULL THEN
        PERFORM recount_giving(whose);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER soft_credit_is_added AFTER INSERT ON soft_credits REFERENCING NEW TABLE AS new_credits
    FOR EACH STATEMENT EXECUTE FUNCTION recount_giving_of_soft_credits();
CREATE TRIGGER soft_credit_is_changed AFTER UPDATE ON soft_credits
    REFERENCING NEW TABLE AS new_credits OLD TABLE AS old_credits
    FOR EACH STATEMENT EXECUTE FUNCTION recount_giving_of_soft_credits();
CREATE TRIGGER soft_credit_is_taken_back AFTER DELETE ON soft_credits REFERENCING OLD TABLE AS old_credits
    FOR EACH STATEMENT EXECUTE FUNCTION recount_giving_of_soft_credits();

-- Another fiscal year: every year is counted anew.
CREATE FUNCTION recount_all_giving() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE whose integer[];
BEGIN
    SELECT array_agg(DISTINCT constituent) INTO whose FROM giving_credits;
    IF whose IS NOT NULL THEN
        PERFORM recount_giving(whose);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER fiscal_year_is_moved AFTER UPDATE OF fiscal_year_start ON organisations
    FOR EACH ROW WHEN (OLD.fiscal_year_start <> NEW.fiscal_year_start) EXECUTE FUNCTION recount_all_giving();
