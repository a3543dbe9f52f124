"""The dialog that brings models of other people, and the downloads that go on behind it."""
