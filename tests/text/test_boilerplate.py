"""Lines in which a publication speaks of itself or names its sources."""

import time

import pytest

from tension.text.boilerplate import names_sources, speaks_of_itself

SOON = 2.0  # seconds for 100 KB; what is quadratic takes far longer


@pytest.mark.parametrize(
    "line",
    [
        "By subscribing, you can help us get the story right.",
        "Take out a subscription and help us to go on telling the story.",
        "Sign up for our weekly newsletter.",
        "Sign up to the Asia briefing, delivered every Friday.",
        "Read more: what the talks are about.",
        "© 2019 The Northern Post.",
        "The Northern Post, all rights reserved.",
        "Thank you for supporting our journalism.",
    ],
)
def test_a_publication_speaks_of_itself(line):
    assert speaks_of_itself(line)


@pytest.mark.parametrize(
    "line",
    [
        "The ministry signed up to the code of conduct on Friday.",
        "They read more than a hundred letters aloud.",
        "The envoy said that the patrol had followed us to the border.",
        "The charge was denied.",
        "Both sides will share this burden, the minister said.",
    ],
)
def test_news_does_not(line):
    assert not speaks_of_itself(line)


@pytest.mark.parametrize(
    "line",
    [
        "(Reuters)",
        "(BBC News).",
        "(AP via The Age), (Globe and Mail),",
        "— (Al-Jazeera) (BBC)",
        "(Voice of America); (RFE/RL).",
        "(iNews) (news.com.au) (euronews)",
        "(ESPN (UK)) (AP / AFP)",
        "(U.S. News & World Report)",
        "(Corriere della Sera) (al-Jazeera)",
        "(Reporting by Jane Roe; editing by Max Doe)",
    ],
)
def test_a_line_of_sources(line):
    assert names_sources(line)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "()",
        "( - )",
        "(The talks were called off later.)",
        "(Japan protested)",
        "(Chad has accused Oman of spying.)",
        "(Reuters) (The talks go on...)",
        "(Reuters) Others report that an agreement has been reached.",
        "Chad (pictured) protested.",
        "(AP",
        "Reuters",
    ],
)
def test_no_line_of_sources(line):
    assert not names_sources(line)


@pytest.mark.parametrize(
    "text",
    [
        "(" + "/".join(map(str, range(20_000))) + " March) Japan condemned China.",
        "(" + "Reuters " * 12_000 + "told us)",
        "(AP) " * 20_000 + "x",
        "(a(b)" * 20_000,
        "(" + "-" * 100_000 + ")",
        "(" * 100_000,
    ],
)
def test_many_names_take_linear_time(text):
    began = time.perf_counter()
    assert not names_sources(text)
    assert time.perf_counter() - began < SOON
