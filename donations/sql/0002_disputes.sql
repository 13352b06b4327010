-- Disputes by their own ids: what their tables promise, and that a lost one can still be won back.

CREATE TRIGGER dispute_movements_are_kept BEFORE UPDATE OR DELETE ON dispute_movements
    FOR EACH ROW EXECUTE FUNCTION refuse_to_alter();

CREATE OR REPLACE FUNCTION guard_gift() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status <> OLD.status AND NOT (OLD.status, NEW.status) IN (
        ('pending', 'settled'), ('pending', 'failed'), ('pending', 'abandoned'), ('pending', 'voided'),
        ('failed', 'settled'), ('abandoned', 'settled'),
        ('settled', 'partly_refunded'), ('settled', 'refunded'), ('settled', 'disputed'),
        ('settled', 'bounced'), ('settled', 'voided'),
        ('partly_refunded', 'refunded'), ('partly_refunded', 'disputed'), ('partly_refunded', 'settled'),
        ('refunded', 'partly_refunded'), ('refunded', 'settled'), ('refunded', 'disputed'),
        ('disputed', 'settled'), ('disputed', 'partly_refunded'), ('disputed', 'refunded'), ('disputed', 'lost'),
        ('lost', 'settled'), ('lost', 'partly_refunded'), ('lost', 'refunded'))
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

-- Under which names the ledger books for a gift: itself, its refunds, and what its disputes moved.
CREATE VIEW gift_sources AS
    SELECT id AS gift, 'gift' AS source_kind, id AS source_id FROM gifts
 UNION ALL
    SELECT gift, 'refund', id FROM refunds
 UNION ALL
    SELECT d.gift, 'dispute', m.id FROM dispute_movements m JOIN disputes d ON d.id = m.dispute;

-- Everything that Stripe has an id for: that id, what books for it, and when it began at Stripe.
CREATE VIEW stripe_sources AS
    SELECT charge AS stripe_id, gift, 'gift' AS source_kind, gift AS source_id, charged_at AS began
      FROM stripe_payments WHERE charge IS NOT NULL
 UNION ALL
    SELECT stripe_refund, gift, 'refund', id, refunded_on::timestamptz FROM refunds WHERE stripe_refund IS NOT NULL
 UNION ALL
    SELECT m.balance_transaction, d.gift, 'dispute', m.id, m.moved_on::timestamptz
      FROM dispute_movements m JOIN disputes d ON d.id = m.dispute;
