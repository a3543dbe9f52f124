"""What the recipes of all kinds use; what the card of a model holds beyond the keys of `studio.core.card`.

Keys:
    kind: a word in the kinds of `family.py`, or one that a kind there is `known_as`.
    architecture, config: the network's class and the fields of its configuration.
    checks: held-out figures with the floor that each had to reach, or null: {name, value, floor, is_higher_better}.
    data_set: {name, which, n_items}.
    labels: a word for each kind of picture that can be asked for.
    defaults: settings that a panel opens with, by name.
    usual_bits: {low, high}, between which nine of ten test pictures lie, in bits per dimension.
    notes: sentences that a reader of the figures should know.
"""
