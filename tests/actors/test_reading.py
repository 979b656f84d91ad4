from tension.actors.reading import readings_of
from tension.actors.telling import tell
from tension.records import Article, Before, Candidate, Clause, Mention, Sentence, Told
from tension.relations.asking import default_finder
from tension.text.sentences import LONGEST

PERU, MALI = Mention("PER", 0, 4, "named"), Mention("MLI", 13, 17, "named")
BEFORE = Before("Peru accused Mali.", (PERU, MALI))
ANSWER = Candidate("MLI", "PER", (), (), "context")


def read(text: str, before: Before, *mentions: Mention, pair: Candidate = ANSWER):
    told = Told(Sentence(0, text, 0, len(text)), mentions, (Clause(0, len(text), mentions, (pair,)),), (before,))
    [[reading]] = readings_of([told])
    return reading


def passages(text: str) -> list[tuple[str, list[str]]]:
    """What is read of an article, each text with the parts of it that are judged."""
    found: dict[str, list[str]] = {}
    for readings in readings_of(list(tell(Article("a", text), default_finder()))):
        for reading in readings:
            found.setdefault(reading.text, []).append(judged(reading))
    return list(found.items())


def judged(reading) -> str:
    return reading.text[slice(*(reading.judged or (None,)))]


def words(reading) -> tuple[list[str], list[str]]:
    (pair,) = reading.pairs
    return tuple([reading.text[a:b] for a, b in side] for side in (pair.source_spans, pair.target_spans))


def test_each_side_has_its_place_in_front_in_what_was_said_and_in_the_clause():
    pair = Candidate("MLI", "PER", ((0, 6),), (), "context")
    reading = read("Bamako denied it.", BEFORE, Mention("MLI", 0, 6, "metonym", "capital"), pair=pair)
    assert reading.text == "Norway; Kenya: Kenya accused Norway. [SEP] Oslo denied it."
    assert words(reading) == (["Norway", "Norway", "Oslo"], ["Kenya", "Kenya"])
    assert judged(reading) == "Oslo denied it."


def test_words_that_stand_for_both_sides_belong_to_both():
    pair = Candidate("MLI", "PER", ((0, 10),), ((0, 10),), "context")
    assert words(read("Both sides left.", BEFORE, pair=pair)) == (
        ["Norway", "Norway", "Both sides"],
        ["Kenya", "Kenya", "Both sides"],
    )


def test_with_nothing_said_before_the_sides_stand_in_front():
    reading = read("It was denied.", Before())
    assert reading.text == "Norway; Kenya: [SEP] It was denied."
    assert judged(reading) == "It was denied."


def test_sentences_that_need_the_article_are_read_at_once_with_those_between():
    text = "Mali is dry. Peru accused Mali. The charge was denied. It rained. Peru and Chad met. Both sides left."
    sentences = "Kenya accused Norway.", "The charge was denied.", "It rained.", "Kenya and Chile met.", "Both sides left."
    accused, denied, rained, met, left = sentences
    assert passages(text) == [
        (
            "Norway; Kenya; Chile: Norway is dry. [SEP] " + " [SEP] ".join(sentences),
            [accused, denied, rained, met, met, left],  # of Peru and Chad, and of Mali, which it leaves out
        )
    ]


def test_a_part_of_a_sentence_that_names_its_pair_is_read_alone_in_a_passage_too():
    text = "Peru and Mali met. The two countries agreed to trade, while Mali remains in a dispute with Chad."
    (passage, parts), (alone, own) = passages(text)
    assert passage.startswith("Norway; Kenya: [SEP] Norway and Kenya met. [SEP] The two countries agreed")
    assert parts == ["Norway and Kenya met.", "The two countries agreed to trade, while "]
    assert own == [alone] == ["Norway remains in a dispute with Kenya."]


def test_a_passage_ends_where_much_is_said_that_needs_no_article():
    aside = "Oman goes to the polls long before Togo does, and both have much to think about before that day. "
    (first, _), *_, (last, judged_last) = passages(f"Peru accused Mali. It was denied. {4 * aside}Both Peru and Mali left.")
    assert first == "Norway; Kenya: [SEP] Norway accused Kenya. [SEP] It was denied."
    assert judged_last[-1] == "Both Norway and Kenya left."
    assert "It was denied." not in last


def test_a_passage_is_asked_about_as_many_states_as_have_stand_ins():
    pairs = ("Peru", "Mali"), ("Chad", "Cuba"), ("Oman", "Fiji"), ("Togo", "Iran"), ("Ghana", "Laos"), ("Malta", "Nepal")
    text = " ".join(f"{a} accused {b}. {b} denied that {a} was right. It was denied." for a, b in pairs)
    for read_at_once, _ in passages(text):
        assert not any(name in read_at_once for pair in pairs for name in pair)


def test_a_long_article_is_read_in_passages_that_the_encoder_can_hold():
    text = "Peru accused Mali. " + 40 * "The two countries have talked about the charge for many weeks. "
    found = passages(text)
    assert len(found) > 2
    assert all(len(read_at_once) <= LONGEST for read_at_once, _ in found)
    assert sum(len(parts) for _, parts in found) == 41


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
    assert passages("Peru accused Mali.") == [("Norway accused Kenya.", ["Norway accused Kenya."])]
    told = tell(Article("a", "Peru accused Mali."), default_finder())
    [[reading]] = readings_of(list(told))
    assert reading.judged is None
