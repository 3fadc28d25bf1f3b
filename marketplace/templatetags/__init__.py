"""Parts of the marketplace's pages."""
