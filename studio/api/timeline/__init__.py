"""The timeline of a panel: what runs and paths it can play, and what a person does there."""
