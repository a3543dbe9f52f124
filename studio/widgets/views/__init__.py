"""Large views that show pictures and scenes, and what draws them."""
