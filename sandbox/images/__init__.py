"""Container images: what they do (``web``), what they are (``registry``)."""
