"""The watch's pages, one module a group; what a module gives stands in docs/pages.md."""
