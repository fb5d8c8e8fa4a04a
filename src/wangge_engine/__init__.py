"""Analytics on plain files; knows neither Django nor the rooms."""
