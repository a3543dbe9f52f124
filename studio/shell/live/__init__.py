"""Knobs, faders and programs of other people move the sliders: MIDI and OSC."""
