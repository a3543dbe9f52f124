"""Texts whose blanks are filled in any order: XLNet."""
