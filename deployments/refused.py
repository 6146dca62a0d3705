class Refused(Exception):
    """What a person asked for cannot be done; the message is the sentence to show, with its next step."""

    def __init__(self, sentence: str, *, field: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field
