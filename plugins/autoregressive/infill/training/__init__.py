"""Objective and recipe of the XLNet."""
