-- Receipts are found by a part of their number or of the donor's name as it was printed; both in one index of trigrams.
CREATE INDEX receipts_by_part ON receipts USING gin (label gin_trgm_ops, (snapshot #>> '{addressee,0}') gin_trgm_ops);
