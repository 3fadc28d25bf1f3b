"""Pictures of the pages, kept in `docs/screens/`: `python -m tests.browser.screens` takes them."""
