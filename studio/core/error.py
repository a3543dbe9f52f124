"""The one kind of failure that a person can do something about."""


class UserError(Exception):
    """An expected failure: a bad file, too little memory, a value out of range.

    Attributes:
        title: one plain sentence that says what went wrong.
        what_to_do: one plain sentence that says what helps; may be empty.
    """

    def __init__(self, title: str, what_to_do: str = "") -> None:
        super().__init__(title, what_to_do)
        self.title = title
        self.what_to_do = what_to_do

    def __str__(self) -> str:
        return f"{self.title} {self.what_to_do}".strip()


class UsageError(UserError):
    """A command that cannot be meant like this: it leaves with the status of wrong usage."""
