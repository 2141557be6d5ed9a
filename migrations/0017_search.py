"""What is searched: names, codes and addresses in one text a row, with their pinyin, under a trigram index.

The text is a generated column, so that whoever writes a row, in whatever way, has written it. It is made when a row goes
live: rows that wait are not searched, and cost a load nothing (0007). The readings of characters come from pypinyin and
stand in the function as a constant: it reads no table and calls none but PostgreSQL's own functions, hence is what it is
declared to be, and a dump that is put back can make the column anew.
"""

import json
import re
from collections import Counter, defaultdict

from django.db import migrations

# All but letters and digits, by number: what is a letter must not hang on the locale of the database. NFKC comes before.
NO_SIGN = r"[\u0001-\u002f\u003a-\u0060\u007b-\u00bf\u2000-\u2bff\u3000-\u3004\u3008-\u3020\u3030\u30fb\ufe00-\ufe6f\ufff0-\uffff]"
# Each part as it is written, names and codes also as they are spelled: whole and by initials, once with every character's
# first reading and once with its second. A Chinese character is written twice, so that two of them are trigrams; a text
# holds two or more exactly where they do so twice.
SOUGHT = """
CREATE FUNCTION spatial_sought(names text[], others text[]) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
DECLARE
  part text; written text; spelled text[]; found text := '|'; position integer := 0;
BEGIN
  FOREACH part IN ARRAY names || others LOOP
    position := position + 1;
    IF part <> '' THEN
      part := regexp_replace(lower(normalize(part, NFKC)), '{signs}+', '', 'g');
      written := regexp_replace(part, '([\u2e80-\U0010fffd])', '\\1\\1', 'g');
      spelled := ARRAY[written];
      IF length(written) > length(part) AND position <= cardinality(names) THEN
        SELECT ARRAY[written, string_agg(a, ''), string_agg(b, ''), string_agg(left(a, 1), ''), string_agg(left(b, 1), '')]
        INTO spelled
        FROM unnest(string_to_array(part, NULL)) sign
        CROSS JOIN LATERAL (SELECT coalesce('{readings}'::jsonb ->> sign, sign) AS said OFFSET 0) known
        CROSS JOIN LATERAL (SELECT split_part(said, ' ', 1) AS a, split_part(said, ' ', -1) AS b OFFSET 0) reading;
      END IF;
      FOREACH part IN ARRAY spelled LOOP
        IF part <> '' AND strpos(found, '|' || part || '|') = 0 THEN found := found || part || '|'; END IF;
      END LOOP;
    END IF;
  END LOOP;
  RETURN nullif(found, '|');
END $body$
"""
COLUMN = """
ALTER TABLE spatial_feature ADD COLUMN sought text GENERATED ALWAYS AS (CASE WHEN NOT isempty(revisions) THEN
  spatial_sought(ARRAY[code, name, nullif(attributes ->> 'code', code), nullif(attributes ->> 'name', name)],
    ARRAY[attributes ->> 'address']) END) STORED
"""
INDEX = (
    "CREATE INDEX feature_by_words ON spatial_feature USING gin (sought gin_trgm_ops) WHERE revisions <> '{}'"
)
# As in 0015: without it row-level security costs the index.
PLANNABLE = """
DO $$ BEGIN
  IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
    ALTER FUNCTION pg_catalog.textlike(text, text) LEAKPROOF;
    ALTER FUNCTION word_similarity_commutator_op(text, text) LEAKPROOF;
  END IF;
END $$
"""
OFTEN = 0.05
"""Of the phrases that hold a character, the share from which a reading is one that people type."""


def readings() -> dict[str, str]:
    """Chinese character → its reading without tone, or two of them, the commoner one first; ü is v."""
    from pypinyin.contrib.tone_convert import to_normal
    from pypinyin.phrases_dict import phrases_dict
    from pypinyin.pinyin_dict import pinyin_dict

    plain: dict[str, str] = {}

    def toneless(said: str) -> str:
        if said not in plain:
            plain[said] = to_normal(said)
        return plain[said]

    used: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for phrase, said in phrases_dict.items():
        if len(phrase) == len(said):
            for character, one in zip(phrase, said, strict=True):
                used[character][toneless(one[0])] += 1
    found = {}
    for number, said in pinyin_dict.items():
        character = chr(number)
        known = [one for one in dict.fromkeys(map(toneless, said.split(","))) if re.fullmatch("[a-z]+", one)]
        if not known or number > 0xFFFF:
            continue
        often = used[character]
        common = [
            one for one, times in often.most_common() if times >= OFTEN * often.total() and one in known
        ]
        found[character] = " ".join((common or known[:1])[:2])
    return found


def learn(apps: object, editor: object) -> None:
    told = json.dumps(readings(), ensure_ascii=False, separators=(",", ":"))
    editor.execute(SOUGHT.replace("{signs}", NO_SIGN).replace("{readings}", told))  # type: ignore[attr-defined]


def forget(apps: object, editor: object) -> None:
    editor.execute("DROP FUNCTION spatial_sought(text[], text[])")  # type: ignore[attr-defined]


class Migration(migrations.Migration):
    dependencies = [("spatial", "0016_token_scope")]
    operations = [
        migrations.RunPython(learn, forget),
        migrations.RunSQL(COLUMN, "ALTER TABLE spatial_feature DROP COLUMN sought"),
        migrations.RunSQL(INDEX, "DROP INDEX feature_by_words"),
        migrations.RunSQL(PLANNABLE, migrations.RunSQL.noop),
    ]
