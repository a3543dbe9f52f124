"""Forecasts that grow value by value, each with how sure it is."""
