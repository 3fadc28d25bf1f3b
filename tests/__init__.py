"""The tests: each package is named after the app it speaks of."""
