-- Search: every word of every name, and the words that one slip of the finger makes of it.
--
-- name_words    which constituent has which word in a name; exact and prefix search read it
-- search_words  each word once, whoever has it; any part of a word is found by its trigrams
-- word_slips    each word with one letter left out (symmetric delete): a typed word with one letter dropped, doubled,
--               swapped or replaced meets the word meant in one of these, whatever its length
--
-- They are kept by triggers as sets, so a COPY of 100,000 names costs three INSERTs. The number of different words
-- grows far slower than the number of people, and so does the cost of a slip. E-mails and phones are searched where
-- they are.

CREATE TABLE name_words (
    word varchar(60) COLLATE "C" NOT NULL,
    constituent integer NOT NULL, -- no foreign key: the triggers below are the only ones to write here
    PRIMARY KEY (word, constituent)
);
CREATE INDEX name_words_of_constituent ON name_words (constituent, word);

CREATE TABLE search_words (
    word varchar(60) COLLATE "C" PRIMARY KEY
);
CREATE INDEX search_words_by_part ON search_words USING gin (word gin_trgm_ops);

CREATE TABLE word_slips (
    slip varchar(60) COLLATE "C" NOT NULL,
    word varchar(60) COLLATE "C" NOT NULL,
    PRIMARY KEY (slip, word)
);

-- Beginnings are ranges, which only this collation orders by letters on every server.
ALTER TABLE emails ALTER COLUMN normal TYPE varchar(320) COLLATE "C";
CREATE INDEX emails_by_part ON emails USING gin (normal gin_trgm_ops);
CREATE INDEX phones_by_part ON phones USING gin (number gin_trgm_ops);

-- The words of a text as they are compared: small, accents off, apostrophes gone, other signs between words.
-- Names and what is typed to find them both come through here, and nothing else does.
CREATE FUNCTION folded_words(said text) RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT left(word, 60)), '{}')
      FROM regexp_split_to_table(
               regexp_replace(unaccent(lower(normalize(said, NFKC))), '[''’‘ʼ`´]', '', 'g'),
               '[[:space:][:punct:]]+') AS parts (word)
     WHERE word <> ''
$$;

-- `word` with each of its letters left out once.
CREATE FUNCTION slips_of(word text) RETURNS SETOF text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT DISTINCT left(word, place - 1) || substr(word, place + 1)
      FROM generate_series(1, length(word)) AS places (place)
     WHERE length(word) > 2
$$;

CREATE FUNCTION learn_words(words text[]) RETURNS void LANGUAGE sql AS $$
    WITH learnt AS (
        INSERT INTO search_words (word) SELECT DISTINCT unnest(words) ORDER BY 1
        ON CONFLICT DO NOTHING RETURNING word)
    INSERT INTO word_slips (slip, word)
    SELECT slip, word FROM learnt, slips_of(word) AS slips (slip) ORDER BY slip, word
    ON CONFLICT DO NOTHING
$$;

CREATE FUNCTION index_new_names() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE said text[];
BEGIN
    WITH kept AS (
        INSERT INTO name_words (word, constituent)
        SELECT word, id
          FROM new_rows,
               unnest(folded_words(concat_ws(' ', name, given_name, family_name, nickname))) AS parts (word)
      ORDER BY word, id
        ON CONFLICT DO NOTHING RETURNING word)
    SELECT array_agg(DISTINCT word) INTO said FROM kept;
    PERFORM learn_words(said);
    RETURN NULL;
END $$;

CREATE FUNCTION index_changed_names() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE renamed integer[];
BEGIN
    SELECT array_agg(n.id) INTO renamed
      FROM new_rows n JOIN old_rows o USING (id)
     WHERE (n.name, n.given_name, n.family_name, n.nickname)
           IS DISTINCT FROM (o.name, o.given_name, o.family_name, o.nickname);
    IF renamed IS NOT NULL THEN
        PERFORM refresh_search(renamed);
    END IF;
    RETURN NULL;
END $$;

-- Bring the words of these constituents in step with their names.
CREATE FUNCTION refresh_search(whose integer[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE said text[];
BEGIN
    DELETE FROM name_words WHERE constituent = ANY (whose);
    WITH kept AS (
        INSERT INTO name_words (word, constituent)
        SELECT word, id
          FROM constituents,
               unnest(folded_words(concat_ws(' ', name, given_name, family_name, nickname))) AS parts (word)
         WHERE id = ANY (whose)
      ORDER BY word, id
        ON CONFLICT DO NOTHING RETURNING word)
    SELECT array_agg(DISTINCT word) INTO said FROM kept;
    PERFORM learn_words(said);
END $$;

CREATE FUNCTION forget_names() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM name_words WHERE constituent IN (SELECT id FROM old_rows);
    RETURN NULL;
END $$;

CREATE TRIGGER names_are_found AFTER INSERT ON constituents
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION index_new_names();
CREATE TRIGGER new_names_are_found AFTER UPDATE ON constituents
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION index_changed_names();
CREATE TRIGGER gone_names_are_forgotten AFTER DELETE ON constituents
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION forget_names();
