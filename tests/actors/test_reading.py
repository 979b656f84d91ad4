from tension.actors.reading import reading_of
from tension.records import Before, Candidate, Clause, Mention

PERU, MALI = Mention("PER", 0, 4, "named"), Mention("MLI", 13, 17, "named")
BEFORE = Before("Peru accused Mali.", (PERU, MALI))
ANSWER = Candidate("MLI", "PER", (), (), "context")


def read(text: str, before: Before, *mentions: Mention, pair: Candidate = ANSWER):
    return reading_of(text, Clause(0, len(text), mentions, (pair,), before))


def words(reading) -> tuple[list[str], list[str]]:
    (pair,) = reading.pairs
    return tuple([reading.text[a:b] for a, b in side] for side in (pair.source_spans, pair.target_spans))


def test_each_side_has_its_place_in_front_in_what_was_said_and_in_the_clause():
    pair = Candidate("MLI", "PER", ((0, 6),), (), "context")
    reading = read("Bamako denied it.", BEFORE, Mention("MLI", 0, 6, "metonym", "capital"), pair=pair)
    assert reading.text == "Norway; Kenya: Kenya accused Norway. [SEP] Oslo denied it."
    assert words(reading) == (["Norway", "Norway", "Oslo"], ["Kenya", "Kenya"])
    assert reading.text[reading.begins :] == "Oslo denied it."


def test_words_that_stand_for_both_sides_belong_to_both():
    pair = Candidate("MLI", "PER", ((0, 10),), ((0, 10),), "context")
    assert words(read("Both sides left.", BEFORE, pair=pair)) == (
        ["Norway", "Norway", "Both sides"],
        ["Kenya", "Kenya", "Both sides"],
    )


def test_with_nothing_said_before_the_sides_stand_in_front():
    reading = read("It was denied.", Before())
    assert reading.text.split() == ["Norway;", "Kenya:", "[SEP]", "It", "was", "denied."]
    assert reading.text[reading.begins :] == "It was denied."


def test_a_long_text_before_leaves_room_for_the_clause():
    before = Before(
        "It rained. " * 100 + BEFORE.text,
        tuple(Mention(m.state, m.start + 1100, m.end + 1100, "named") for m in BEFORE.mentions),
    )
    reading = read("x " * 350 + "end.", before)
    assert reading.text.endswith("end.")
    assert len(reading.text) < 950
    assert words(reading) == (["Norway", "Norway"], ["Kenya", "Kenya"])


def test_a_cut_leaves_no_half_of_a_name():
    words = "Vladimir Putin accused Mali of it. " + "x " * 174
    before = Before(words, (Mention("RUS", 0, 14, "named", "leader"), Mention("MLI", 23, 27, "named")))
    for longer in range(30):
        reading = read("It was denied.", Before(words + "x" * longer, before.mentions))
        assert "Putin" not in reading.text
        assert "Mali" not in reading.text


def test_palestine_keeps_its_name_in_front():
    reading = read("It was denied.", Before(), pair=Candidate("PSE", "ISR", (), (), "context"))
    assert reading.text.startswith("Palestine; Norway: ")
    assert words(reading) == (["Palestine"], ["Norway"])


def test_a_place_in_the_reading_comes_from_the_clause():
    text = "Bamako denied it."
    reading = read(text, BEFORE, Mention("MLI", 0, 6, "metonym", "capital"))
    start = reading.text.index("denied")
    a, b = reading.origin((start, start + 6))
    assert text[a:b] == "denied"


def test_a_pair_that_the_clause_names_is_read_as_it_stands():
    pair = Candidate("PER", "MLI", ((0, 4),), ((13, 17),), "named")
    reading = reading_of(BEFORE.text, Clause(0, 18, (PERU, MALI), (pair,)))
    assert (reading.text, reading.begins) == ("Norway accused Kenya.", 0)
