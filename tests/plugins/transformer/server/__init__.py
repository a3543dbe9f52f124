"""Tests of models of servers."""
