"""The few torch layers and schedules that several families share."""
