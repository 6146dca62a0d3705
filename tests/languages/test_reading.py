"""An English text is read back as the messages that it was made of."""

import tracemalloc

import pytest

from deployments.languages.kept import of_json, written
from deployments.languages.pieces import Said
from deployments.languages.reading import Reader
from deployments.languages.shapes import filled, shape

IDS = (
    "Approved.",
    "Waiting until {0} UTC: {1}",
    "{0} of {1} healthy",
    "{0} has all production traffic",
    "Traffic stays where it is.",
    "{0} was deployed by {1} to {2}.",
    "{0} and {1}",
    "Ready",
    "AWS refused it: {0}",
    "{0} is retired, and {0} stays so",
    "Token {0} made by {1}{2}",
    "for an agent",
    "{n} target groups",
    "new {0}",
    "answered {0} of {1} with 5xx",
    "Nobody has to approve: {0}",
    "{0} is",
)


def read(text: str) -> tuple[Said | str, ...]:
    return Reader(IDS, inside={"Ready"}).read(text)


def test_a_message_without_values_is_read_whole() -> None:
    assert read("Approved.") == (Said("Approved."),)


def test_values_are_what_stands_between_the_message_s_own_words() -> None:
    assert read("1.1.0 was deployed by Mina Park to shop/production.") == (
        Said("{0} was deployed by {1} to {2}.", ("1.1.0", "Mina Park", "shop/production")),
    )


@pytest.mark.parametrize("typed", ["{0} is retired, and {0} stays so", "{0} of {1} healthy", "{n} target groups"])
def test_what_somebody_typed_like_an_id_is_read_as_its_values(typed: str) -> None:
    pieces = read(typed)
    assert written(pieces) == typed
    assert all(isinstance(piece, str) or piece.written for piece in pieces)


def test_two_sentences_are_two_messages() -> None:
    assert read("1.0.0 has all production traffic. Traffic stays where it is.") == (
        Said("{0} has all production traffic", ("1.0.0",)),
        ". ",
        Said("Traffic stays where it is."),
    )


def test_what_aws_says_stays_as_it_is() -> None:
    assert read("AWS refused it: no such rule. Traffic stays where it is.") == (
        Said("AWS refused it: {0}", ("no such rule",)),
        ". ",
        Said("Traffic stays where it is."),
    )


def test_a_text_that_nobody_here_wrote_is_left_alone() -> None:
    text = "The quick brown fox and its friends"

    assert read(text) == (text,)


@pytest.mark.parametrize(
    "reason",
    ["Ready when Mina says so", "Staging is where releases are tried out", "old things break, new things work"],
)
def test_a_person_s_reason_is_not_read(reason: str) -> None:
    assert read(f"Nobody has to approve: {reason}") == (Said("Nobody has to approve: {0}", (reason,)),)
    assert Reader(IDS, inside={"Ready"}).read(reason) == (reason,)


def test_few_letters_are_believed_only_between_single_words() -> None:
    assert read("shop-blue and green") == (Said("{0} and {1}", ("shop-blue", "green")),)


def test_of_places_that_stand_together_the_last_may_be_empty() -> None:
    assert read("Token ci made by mina") == (Said("Token {0} made by {1}{2}", ("ci", "mina", "")),)
    assert read("Token ci made by Mina Park, for an agent") == (
        Said("Token {0} made by {1}{2}", ("ci", "Mina Park", ", for an agent")),
    )


def test_what_is_counted_is_a_number() -> None:
    assert read("1\u202f204 target groups") == (Said("{n} target groups", ("1\u202f204",)),)
    assert read("Both slots have the same target groups") == ("Both slots have the same target groups",)


def test_what_something_did_is_a_message_by_itself() -> None:
    text = "New 1.1.0 answered 3 of 50 with 5xx."

    assert read(text) == (
        Said("new {0}", ("1.1.0",), begun=True), " ", Said("answered {0} of {1} with 5xx", ("3", "50")), "."
    )  # fmt: skip
    assert written(read(text)) == text
    assert written(of_json([{"id": "new {0}", "values": ["1"], "begun": True}])) == "New 1"


def test_a_value_said_twice_has_to_be_the_same() -> None:
    assert read("shop is retired, and shop stays so") == (Said("{0} is retired, and {0} stays so", ("shop",)),)
    assert read("shop is retired, and cart stays so") == ("shop is retired, and cart stays so",)


@pytest.mark.parametrize("text", ["", " ", ".", "{0}", "{1} of {0} healthy", "a" * 5000, "\n\n"])
def test_odd_texts_come_back_as_they_were(text: str) -> None:
    assert written(read(text)) == text


def test_of_two_that_cover_as_much_each_process_takes_the_same() -> None:
    """The one with more words of its own, then the one with fewer values."""
    for ids in (("since {0} UTC", "since {0}", "{0} UTC"), ("{0} UTC", "since {0}", "since {0} UTC")):
        assert Reader(ids).read("since noon UTC") == (Said("since {0} UTC", ("noon",)),)


def test_a_long_text_holds_no_list_for_each_of_its_ways() -> None:
    """A text of full stops, as long as is read, took seconds and the memory of all its ways at once."""
    tracemalloc.start()
    assert written(read(". " * 2000)) == ". " * 2000
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 10_000_000


@pytest.mark.timeout(30)  # were all ways tried, it would not end
def test_a_text_made_to_be_slow_is_read_to_its_end() -> None:
    text = "was deployed by to " * 200

    assert written(read(text)) == text


def test_a_place_is_not_filled_from_within_a_value() -> None:
    assert filled("{0} by {1}", ("{1}", "Mina")) == "{1} by Mina"


def test_another_language_may_turn_the_places_round_and_leave_one_out() -> None:
    assert filled("{1}: {0}", ("a", "b")) == "b: a"
    assert filled("{1}", ("have", "2")) == "2"


def test_the_words_of_a_shape_are_those_that_no_value_can_go_on_with() -> None:
    assert shape("{0}s are kept, then {1}moved").words == {"are", "kept", "then"}


def test_what_was_kept_in_another_shape_says_nothing() -> None:
    assert of_json({"id": 1}) == of_json([{"values": []}]) == of_json(None) == ()


def test_a_name_and_its_version_are_a_value_of_a_short_message() -> None:
    assert Reader(("Live: {0} on {1}",)).read("Live: shop 1.1.0 on production") == (
        Said("Live: {0} on {1}", ("shop 1.1.0", "production")),
    )


def test_of_messages_that_cover_as_much_the_one_with_most_letters_of_its_own_is_read() -> None:
    ids = ("{0} is {1}", "{0} is scaled to 0.", "{0} scaled to {1}", "{0} scaled to 0", "scaled to 0", "old {0}")
    reader = Reader(ids)
    assert reader.read("Old 1.0.0 is scaled to 0.") == (Said("{0} is scaled to 0.", ("Old 1.0.0",)),)
    assert reader.read("shop-blue scaled to 0") == (Said("{0} scaled to 0", ("shop-blue",)),)


def test_what_is_counted_is_read_whole_though_its_noun_is_a_message_too() -> None:
    reader = Reader(("{n} smoke checks", "smoke checks", "{0} against {1}"))
    assert reader.read("2 smoke checks against http://shop:81") == (
        Said("{0} against {1}", ("2 smoke checks", "http://shop:81")),
    )


def test_a_sentence_within_another_keeps_its_full_stop() -> None:
    """Else one that says less, and has none, would be read in its place."""
    ids = ("Nothing came for {0} days. {1}", "{0} answered HTTP {1}.", "{0} answered {1}", "HTTP {0}")
    answered = "hooks.example.com answered HTTP 503."
    goes_on = "{0} Mend the receiver, and turn it on again."

    whole = Said("Nothing came for {0} days. {1}", ("3", answered))
    assert Reader(ids).read(whole.written) == (whole,)
    [more] = Reader((*ids, goes_on)).read(filled(goes_on, [whole.written]))
    assert isinstance(more, Said) and answered in more.values[-1]
