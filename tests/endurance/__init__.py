"""The platform under kill -9: nothing is lost, nothing is doubled."""
