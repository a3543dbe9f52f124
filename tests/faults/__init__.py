"""What surrounds the program fails: it says so in a sentence, or works all the same."""
