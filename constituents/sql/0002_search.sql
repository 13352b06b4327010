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

-- The words of one constituent's names.
CREATE FUNCTION words_of_names(c constituents) RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT folded_words(concat_ws(' ', c.name, c.given_name, c.family_name, c.nickname)) $$;

CREATE FUNCTION index_new_names() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE said text[];
BEGIN
    WITH kept AS (
        INSERT INTO name_words (word, constituent)
        SELECT word, id FROM new_rows c, unnest(words_of_names(c)) AS parts (word) ORDER BY word, id
        RETURNING word)
    SELECT array_agg(DISTINCT word) INTO said FROM kept;
    PERFORM learn_words(said);
    RETURN NULL;
END $$;

CREATE FUNCTION index_changed_names() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE said text[];
BEGIN
    DELETE FROM name_words w
     USING old_rows o, new_rows n, unnest(words_of_names(o)) AS parts (word)
     WHERE n.id = o.id AND w.word = parts.word AND w.constituent = o.id
       AND (n.name, n.given_name, n.family_name, n.nickname)
           IS DISTINCT FROM (o.name, o.given_name, o.family_name, o.nickname);
    WITH kept AS (
        INSERT INTO name_words (word, constituent)
        SELECT parts.word, n.id
          FROM new_rows n JOIN old_rows o USING (id), unnest(words_of_names(n)) AS parts (word)
         WHERE (n.name, n.given_name, n.family_name, n.nickname)
               IS DISTINCT FROM (o.name, o.given_name, o.family_name, o.nickname)
      ORDER BY parts.word, n.id
        ON CONFLICT DO NOTHING RETURNING word)
    SELECT array_agg(DISTINCT word) INTO said FROM kept;
    IF said IS NOT NULL THEN
        PERFORM learn_words(said);
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION forget_names() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM name_words w USING old_rows o, unnest(words_of_names(o)) AS parts (word)
     WHERE w.word = parts.word AND w.constituent = o.id;
    RETURN NULL;
END $$;

CREATE TRIGGER names_are_found AFTER INSERT ON constituents
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION index_new_names();
CREATE TRIGGER new_names_are_found AFTER UPDATE ON constituents
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION index_changed_names();
CREATE TRIGGER gone_names_are_forgotten AFTER DELETE ON constituents
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION forget_names();
