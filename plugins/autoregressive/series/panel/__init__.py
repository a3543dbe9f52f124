"""What is seen and touched of forecasts."""
